import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function RuleSetPage() {
  return (
    <>
      <PageHeader title="Rule set" lead="Its body, its effect and its versions." />
      <SkeletonRows />
    </>
  );
}
