import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function FindingPage() {
  return (
    <>
      <PageHeader title="Finding" lead="Evidence, remedy and history." />
      <SkeletonRows />
    </>
  );
}
