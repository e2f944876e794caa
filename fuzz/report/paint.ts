/** Colour, where it is wanted. */
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours `text`, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** For files, pipes and tests. */
export const plain: Paint = (_, text) => text;

/** Paint for a stream: none when NO_COLOR is set (https://no-color.org) or when it is no terminal, unless FORCE_COLOR is. */
export function paintFor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Paint {
  const refused = (environment['NO_COLOR'] ?? '') !== '';
  const forced = (environment['FORCE_COLOR'] ?? '0') !== '0';
  return !refused && (isTerminal || forced)
    ? (style, text) => styleText(style, text, { validateStream: false })
    : plain;
}
