import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function ScansPage() {
  return (
    <>
      <PageHeader title="Scans" lead="What runs, what waits, and what comes next." />
      <SkeletonRows />
    </>
  );
}
