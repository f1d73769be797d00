export type Microphone = { readonly deviceId: string; readonly label: string };

/** The microphones of this machine. Without permission browsers do not name them: then the list is empty. */
export async function listMicrophones(): Promise<readonly Microphone[]> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  try {
    const all = (await devices?.enumerateDevices()) ?? [];
    return all
      .filter(({ kind, deviceId, label }) => kind === 'audioinput' && deviceId !== '' && label !== '')
      .map(({ deviceId, label }) => ({ deviceId, label }));
  } catch {
    return [];
  }
}

/** Tells when a device was plugged in or out. @returns what stops it */
export function watchMicrophones(onChange: () => void): () => void {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  devices?.addEventListener('devicechange', onChange);
  return () => devices?.removeEventListener('devicechange', onChange);
}
