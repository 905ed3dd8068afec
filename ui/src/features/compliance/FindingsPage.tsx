import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function FindingsPage() {
  return (
    <>
      <PageHeader title="Findings" lead="What breaks a rule, who owns it, and until when." />
      <SkeletonRows />
    </>
  );
}
