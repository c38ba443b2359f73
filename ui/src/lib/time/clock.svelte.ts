import { systemZone } from './zone';

/**
 * The present minute and zone. Labels made from them are redrawn at midnight, after sleep and when the computer
 * has travelled. Stands still while the window is hidden.
 */
class Clock {
    now = $state(Date.now());
    zone = $state(systemZone());
    #timer: ReturnType<typeof setTimeout> | undefined;

    start(): () => void {
        const look = () => this.#tick();
        document.addEventListener('visibilitychange', look);
        window.addEventListener('focus', look);
        this.#tick();
        return () => {
            clearTimeout(this.#timer);
            document.removeEventListener('visibilitychange', look);
            window.removeEventListener('focus', look);
        };
    }

    #tick(): void {
        clearTimeout(this.#timer);
        this.now = Date.now();
        this.zone = systemZone();
        if (document.hidden) return;
        this.#timer = setTimeout(() => this.#tick(), 60_000 - (this.now % 60_000));
    }
}

export const clock = new Clock();
