import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function NewSourcePage() {
  return (
    <>
      <PageHeader title="New source" lead="Connect, test, preview, scan." />
      <SkeletonRows />
    </>
  );
}
