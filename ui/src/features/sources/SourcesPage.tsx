import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function SourcesPage() {
  return (
    <>
      <PageHeader title="Sources" lead="Where the data lives, and how each place is doing." />
      <SkeletonRows />
    </>
  );
}
