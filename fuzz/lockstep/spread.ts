/** Spreads small numbers over a word when they are multiplied by it; odd, so that no two give the same. */
export const ODD = 0x2545f491;
