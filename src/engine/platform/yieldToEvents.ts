// Lets waiting messages (a cancel, above all) be handled between two batches. A MessageChannel tick, because timers and
// animation frames are slowed down or stopped in hidden tabs.

export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}
