import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function CompliancePage() {
  return (
    <>
      <PageHeader title="Compliance" lead="Where the estate stands against each framework." />
      <SkeletonRows />
    </>
  );
}
