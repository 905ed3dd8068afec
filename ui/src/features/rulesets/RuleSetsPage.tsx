import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function RuleSetsPage() {
  return (
    <>
      <PageHeader title="Rule sets" lead="What scans read, how much of it, and what they look for." />
      <SkeletonRows />
    </>
  );
}
