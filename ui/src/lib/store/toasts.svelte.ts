import type { Problem } from '$lib/backend';

export interface Toast {
    id: number;
    problem: Problem;
    /** Stays until it is closed. */
    sticky: boolean;
}

/** Refusals that no place on screen has said itself. At most four; the same one is not said twice at once. */
export class Toasts {
    list = $state.raw<Toast[]>([]);
    #next = 1;

    problem(problem: Problem, sticky: boolean): void {
        const others = this.list.filter((toast) => toast.problem.code !== problem.code);
        this.list = [...others, { id: this.#next++, problem, sticky }].slice(-4);
    }

    close(id: number): void {
        this.list = this.list.filter((toast) => toast.id !== id);
    }
}
