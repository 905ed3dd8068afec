import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function QualityPage() {
  return (
    <>
      <PageHeader title="Quality" lead="How good the data is, and what broke." />
      <SkeletonRows />
    </>
  );
}
