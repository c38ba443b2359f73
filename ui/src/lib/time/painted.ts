const longest = 300;

/** Resolves when what was just made is on screen. A window that is still hidden draws no frames: it is not waited for. */
export function painted(): Promise<void> {
    return new Promise((resolve) => {
        const timer = setTimeout(resolve, longest);
        requestAnimationFrame(() =>
            requestAnimationFrame(() => {
                clearTimeout(timer);
                resolve();
            }),
        );
    });
}
