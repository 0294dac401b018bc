/** Lets one call go alone until one has succeeded; the others wait for that. */
export interface OneFirst {
  run<T>(call: () => Promise<T>): Promise<T>;
  /** The next call goes alone again. */
  again(): void;
}

/**
 * For what comes up with its first call and refuses others meanwhile. Each call runs once, whatever becomes of it: after
 * one that failed, the next one goes alone.
 */
export function oneFirst(): OneFirst {
  let isOpen = false;
  let alone: Promise<void> | undefined;
  return {
    async run(call) {
      while (!isOpen && alone !== undefined) await alone;
      if (isOpen) return await call();
      const result = call();
      alone = result.then(() => {
        isOpen = true;
        alone = undefined;
      }, () => {
        alone = undefined; // Its caller hears why.
      });
      return await result;
    },
    again: () => isOpen = false,
  };
}
