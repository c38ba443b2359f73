import type { Attachment } from 'svelte/attachments';

export interface TooltipWords {
    label: string;
    keys?: string | undefined;
}

interface Shown extends TooltipWords {
    /** Middle of the lower or upper edge of what it belongs to, in window pixels. */
    x: number;
    y: number;
    above: boolean;
}

const rest = 500;

/** The one tooltip of the window. */
export const shown = $state<{ tip: Shown | null }>({ tip: null });

let timer: ReturnType<typeof setTimeout> | undefined;

function hide(): void {
    clearTimeout(timer);
    // Not at once: what has the keyboard may lose it by being taken away, while the page is drawn.
    queueMicrotask(() => (shown.tip = null));
}

function show(element: HTMLElement, words: TooltipWords): void {
    const box = element.getBoundingClientRect();
    if (box.width === 0) return;
    const above = box.bottom + 40 > innerHeight;
    shown.tip = { ...words, x: box.left + box.width / 2, y: above ? box.top : box.bottom, above };
}

/** Shows the words when the pointer rests on an element or the keyboard reaches it. */
export function tooltip(words: () => TooltipWords): Attachment<HTMLElement> {
    return (element) => {
        const enter = () => {
            clearTimeout(timer);
            timer = setTimeout(() => show(element, words()), rest);
        };
        const focus = () => {
            if (element.matches(':focus-visible')) enter();
        };
        const on = { pointerenter: enter, focus, pointerleave: hide, blur: hide, click: hide } as const;
        for (const [name, handler] of Object.entries(on)) element.addEventListener(name, handler);
        return () => {
            for (const [name, handler] of Object.entries(on)) element.removeEventListener(name, handler);
            hide();
        };
    };
}
