import { ui } from '$lib/store/window.svelte';

/** Opens somebody's profile beside what was pressed. */
export function showCard(event: MouseEvent & { currentTarget: HTMLElement }, identity: string): void {
    event.stopPropagation();
    const box = event.currentTarget.getBoundingClientRect();
    ui.card = { identity, x: box.left, y: box.bottom + 4 };
}
