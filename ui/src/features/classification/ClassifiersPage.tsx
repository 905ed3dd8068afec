import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function ClassifiersPage() {
  return (
    <>
      <PageHeader title="Classifiers" lead="The kinds of data that are recognised, and how." />
      <SkeletonRows />
    </>
  );
}
