import { IconChecklist, IconClipboardCheck, IconDatabase, IconHeartRateMonitor, IconHome, IconListSearch, IconRadar2, IconRuler2, IconSettings, IconShieldCheck, IconTags, IconTable } from '@tabler/icons-react';

/** The sections of the product, in the order of the day's work; `g` and then the key goes there. */
export const navigation = [
  { title: 'Home', key: 'h', to: '/', icon: IconHome },
  { title: 'Search', key: 's', to: '/search', icon: IconListSearch },
  { title: 'Assets', key: 'a', to: '/assets', icon: IconTable },
  { title: 'Sources', key: 'o', to: '/sources', icon: IconDatabase },
  { title: 'Scans', key: 'n', to: '/scans', icon: IconRadar2 },
  { title: 'Rule sets', key: 'u', to: '/rule-sets', icon: IconRuler2 },
  { title: 'Review labels', key: 'r', to: '/review', icon: IconTags },
  { title: 'Quality', key: 'q', to: '/quality', icon: IconHeartRateMonitor },
  { title: 'Compliance', key: 'c', to: '/compliance', icon: IconShieldCheck },
  { title: 'Findings', key: 'f', to: '/findings', icon: IconChecklist },
  { title: 'Audit trail', key: 't', to: '/audit', icon: IconClipboardCheck },
  { title: 'Settings', key: ',', to: '/settings', icon: IconSettings },
] as const;
