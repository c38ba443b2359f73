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
        // It is right already. Told anew here, every label that was just drawn would be drawn again, one by one.
        this.#wait();
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
        this.#wait();
    }

    #wait(): void {
        if (document.hidden) return;
        this.#timer = setTimeout(() => this.#tick(), 60_000 - (Date.now() % 60_000));
    }
}

export const clock = new Clock();
