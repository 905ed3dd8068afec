import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function RunPage() {
  return (
    <>
      <PageHeader title="Scan" lead="What one scan does, as it does it." />
      <SkeletonRows />
    </>
  );
}
