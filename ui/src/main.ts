import '@fontsource-variable/inter/opsz.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/controls.css';
import './styles/avatar.css';
import './styles/sidebar.css';
import './styles/timeline.css';
import './styles/composer.css';
import './styles/details.css';
import './styles/people.css';
import './styles/files.css';
import './styles/overlays.css';
import './styles/kinds.css';
import './styles/settings.css';
import './styles/welcome.css';
import './styles/states.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { app } from '$lib/store/app.svelte';

const target = document.querySelector('#app');
if (!target) throw new Error('the page has no place for the app');

mount(App, { target });
void app.ask(() => app.start());
