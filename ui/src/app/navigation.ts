import { IconChecklist, IconClipboardCheck, IconDatabase, IconHeartRateMonitor, IconHome, IconListSearch, IconRadar2, IconRuler2, IconSettings, IconShieldCheck, IconTags, IconTable } from '@tabler/icons-react';

/** The sections of the product, in the order of the day's work. */
export const navigation = [
  { title: 'Home', to: '/', icon: IconHome },
  { title: 'Search', to: '/search', icon: IconListSearch },
  { title: 'Assets', to: '/assets', icon: IconTable },
  { title: 'Sources', to: '/sources', icon: IconDatabase },
  { title: 'Scans', to: '/scans', icon: IconRadar2 },
  { title: 'Rule sets', to: '/rule-sets', icon: IconRuler2 },
  { title: 'Review labels', to: '/review', icon: IconTags },
  { title: 'Quality', to: '/quality', icon: IconHeartRateMonitor },
  { title: 'Compliance', to: '/compliance', icon: IconShieldCheck },
  { title: 'Findings', to: '/findings', icon: IconChecklist },
  { title: 'Audit trail', to: '/audit', icon: IconClipboardCheck },
  { title: 'Settings', to: '/settings', icon: IconSettings },
] as const;
