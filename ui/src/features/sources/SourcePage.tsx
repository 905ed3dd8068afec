import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function SourcePage() {
  return (
    <>
      <PageHeader title="Source" lead="Health, schema, runs and settings of one source." />
      <SkeletonRows />
    </>
  );
}
