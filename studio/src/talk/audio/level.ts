/** Speech spans about -50 to -10 dBFS; the eye wants that range, not the linear one. */
const quietestDb = -50;
const loudestDb = -10;

/** Reads how loud a node is right now, 0..1 over the range of speech. */
export function createLevelReader(analyser: AnalyserNode): () => number {
  analyser.fftSize = 1_024;
  const samples = new Float32Array(analyser.fftSize);
  return () => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    return levelOf(Math.sqrt(sum / samples.length));
  };
}

/** Of a root mean square: 0 at -50 dBFS and below, 1 at -10 dBFS and above. */
export function levelOf(rms: number): number {
  const db = 20 * Math.log10(rms + 1e-9);
  return Math.max(0, Math.min(1, (db - quietestDb) / (loudestDb - quietestDb)));
}
