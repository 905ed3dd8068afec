import { IconBox, IconColumns3, IconDatabase, IconEye, IconFile, IconFolder, IconFunction, IconLayersIntersect, IconTable, IconTransform } from '@tabler/icons-react';

const icons: Record<string, typeof IconBox> = {
  source: IconDatabase,
  schema: IconFolder,
  table: IconTable,
  view: IconEye,
  materialized_view: IconLayersIntersect,
  dataset: IconFile,
  function: IconFunction,
  procedure: IconTransform,
  column: IconColumns3,
};

/** A small sign for a kind of asset; the word stands beside it or in its title. */
export function KindIcon({ kind, size = 16 }: { kind: string; size?: number }) {
  const Icon = icons[kind] ?? IconBox;
  return <Icon size={size} stroke={1.6} aria-hidden />;
}
