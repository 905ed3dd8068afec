import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function FrameworkPage() {
  return (
    <>
      <PageHeader title="Framework" lead="Requirements, their checks, and what fails." />
      <SkeletonRows />
    </>
  );
}
