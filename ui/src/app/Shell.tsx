import { ActionIcon, Drawer, Menu, Tooltip, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconKeyboard, IconLogout, IconMenu2, IconMoon, IconSearch, IconSun, IconUser } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

import { api } from '@/api/client';
import { isTyping } from '@/shared/hooks';
import { useMe } from '@/shared/session';

import { CommandPalette } from './CommandPalette';
import { HotkeyHelp } from './HotkeyHelp';
import { navigation } from './navigation';
import { forgetRecent, remember } from './recent';
import styles from './shell.module.css';

/** What surrounds every page: sections, the one search, theme and account. */
export function Shell() {
  const [menu, menuHandlers] = useDisclosure(false);
  const [palette, paletteHandlers] = useDisclosure(false);
  const [help, helpHandlers] = useDisclosure(false);
  const narrow = useMediaQuery('(max-width: 900px)');
  const path = useRouterState({ select: (state) => state.location.pathname });
  const closeMenu = menuHandlers.close;
  useEffect(() => closeMenu(), [path, closeMenu]);
  useRemembered(path);
  useGlobalKeys({ search: paletteHandlers.open, help: helpHandlers.open });
  useGoing();

  return (
    <div className={styles.shell}>
      <a className="sr-only" href="#main">Skip to the page</a>
      {narrow ? (
        <Drawer opened={menu} onClose={menuHandlers.close} size={240} title="Muniment" padding="xs"><Sections /></Drawer>
      ) : (
        <aside className={styles.side}>
          <Link to="/" className={styles.brand}><img src="/favicon.svg" alt="" width={22} height={22} /> Muniment</Link>
          <Sections />
        </aside>
      )}
      <div className={styles.main}>
        <div className={styles.top}>
          {narrow ? <ActionIcon variant="subtle" color="gray" aria-label="Open the menu" onClick={menuHandlers.open}><IconMenu2 size={18} /></ActionIcon> : null}
          <UnstyledButton className={styles.search} onClick={paletteHandlers.open} aria-label="Search everything">
            <IconSearch size={15} /> <span className={styles.searchWords}>Search assets, columns, findings, pages…</span> <kbd className={styles.kbd}>Ctrl K</kbd>
          </UnstyledButton>
          <div className={styles.tools}>
            <Tooltip label="Keyboard (?)"><ActionIcon variant="subtle" color="gray" aria-label="Keyboard help" onClick={helpHandlers.open} visibleFrom="sm"><IconKeyboard size={18} /></ActionIcon></Tooltip>
            <ThemeSwitch />
            <Account />
          </div>
        </div>
        <main id="main" className={styles.page} tabIndex={-1}><Outlet /></main>
      </div>
      <CommandPalette opened={palette} onClose={paletteHandlers.close} />
      <HotkeyHelp opened={help} onClose={helpHandlers.close} />
    </div>
  );
}

/** Ctrl or Cmd with K works everywhere, `/` and `?` where nothing is being typed. */
function useGlobalKeys({ search, help }: { search: () => void; help: () => void }) {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') search();
      else if (event.key === '/' && !isTyping(event)) search();
      else if (event.key === '?' && !isTyping(event)) help();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [search, help]);
}

const GOING_MS = 1200;

/** `g` and then a letter goes to a section. */
function useGoing() {
  const navigate = useNavigate();
  const began = useRef(0);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTyping(event) || (event.target instanceof Element && event.target.closest('[role="dialog"]'))) return;
      const going = event.timeStamp - began.current < GOING_MS;
      began.current = event.key === 'g' ? event.timeStamp : 0;
      const section = going ? navigation.find((each) => each.key === event.key) : undefined;
      if (!section) return;
      // The letter is spent: what the page does at it stays undone.
      event.preventDefault();
      event.stopImmediatePropagation();
      void navigate({ to: section.to });
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [navigate]);
}

const LOOKED_AT_MS = 1500;

/** Keeps what was looked at for a moment, under its title, for the palette. */
function useRemembered(path: string) {
  useEffect(() => {
    const timer = setTimeout(() => remember({ href: path, title: document.title.replace(/ · Muniment$/, '') }), LOOKED_AT_MS);
    return () => clearTimeout(timer);
  }, [path]);
}

function Sections() {
  return (
    <nav aria-label="Sections" className={styles.sections}>
      {navigation.map(({ title, key, to, icon: Icon }) => (
        <Link key={to} to={to} className={styles.section} title={`g ${key}`} activeProps={{ 'data-active': true, 'aria-current': 'page' } as object} activeOptions={{ exact: to === '/' }}>
          <Icon size={17} stroke={1.6} aria-hidden /> {title}
        </Link>
      ))}
    </nav>
  );
}

function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)');
  const dark = colorScheme === 'dark' || (colorScheme === 'auto' && systemDark);
  return (
    <Tooltip label={dark ? 'Light theme' : 'Dark theme'}>
      <ActionIcon variant="subtle" color="gray" aria-label={dark ? 'Use the light theme' : 'Use the dark theme'} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
        {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Account() {
  const me = useMe();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const signOut = async () => {
    await api.POST('/api/v1/auth/sign-out');
    queries.clear();
    forgetRecent();
    await navigate({ to: '/sign-in' });
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target><ActionIcon variant="subtle" color="gray" aria-label="Account"><IconUser size={18} /></ActionIcon></Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.data ? `${me.data.name} · ${me.data.roles.map((role) => role.role.replaceAll('_', ' ')).join(', ')}` : 'Not signed in'}</Menu.Label>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
