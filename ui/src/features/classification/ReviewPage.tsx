import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function ReviewPage() {
  return (
    <>
      <PageHeader title="Review labels" lead="Suggested labels that wait for a person." />
      <SkeletonRows />
    </>
  );
}
