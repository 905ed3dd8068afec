import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const moss: MantineColorsTuple = ['#eef7f3', '#dcebe4', '#b5d7c8', '#8bc2aa', '#68b091', '#52a481', '#459e78', '#2f7d5d', '#2a6d52', '#1f5a43'];

/** The dark scheme's greys, in the hue of the tokens. */
const dark: MantineColorsTuple = ['#e7eae8', '#c3cac6', '#a3aca7', '#8a938e', '#47504b', '#353c38', '#222725', '#1a1e1c', '#131614', '#0d0f0e'];

const closeButtonProps = { 'aria-label': 'Close' };

/** One accent, neutral greys, small text: a working tool. Everything else is a token in tokens.css. */
export const theme = createTheme({
  primaryColor: 'moss',
  primaryShade: 7,
  colors: { moss, dark },
  autoContrast: true,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace",
  defaultRadius: 'sm',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h4: { fontSize: '0.8125rem', lineHeight: '1.4' },
    },
  },
  components: {
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true } },
    Button: { defaultProps: { size: 'xs' } },
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
    TextInput: { defaultProps: { size: 'xs' } },
    // In a dialog the first field has the focus: its list would hide the rest of the form.
    Select: { defaultProps: { size: 'xs', openOnFocus: false } },
    Menu: { defaultProps: { shadow: 'md' } },
    Popover: { defaultProps: { shadow: 'md' } },
    Combobox: { defaultProps: { shadow: 'md' } },
    Modal: { defaultProps: { closeButtonProps, overlayProps: { backgroundOpacity: 0.35 }, styles: { title: { fontWeight: 600 } } } },
    Drawer: { defaultProps: { closeButtonProps, overlayProps: { backgroundOpacity: 0.35 }, styles: { title: { fontWeight: 600 } } } },
  },
});

const ours = {
  '--mantine-color-error': 'var(--sev-critical)',
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-2)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-hover': 'var(--surface-2)',
  '--mantine-color-default-border': 'var(--line-strong)',
};

/** The library's own surfaces and lines are our tokens, in both schemes. */
export const variables: CSSVariablesResolver = () => ({ variables: {}, light: ours, dark: ours });
