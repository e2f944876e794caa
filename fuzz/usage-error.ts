/** Bad input from the command line; the message is one line: what was given, what was expected, what to do. */
export class UsageError extends Error {
  override name = 'UsageError';
}
