/** Where Waves is mounted: as the vendor has it, and where its older clients look for it. */
export const wavesMounts = ['/waves/v1', '/api/v1'] as const;
