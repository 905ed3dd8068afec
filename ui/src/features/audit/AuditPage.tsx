import { PageHeader } from '@/shared/PageHeader';
import { SkeletonRows } from '@/shared/states';

export default function AuditPage() {
  return (
    <>
      <PageHeader title="Audit trail" lead="Who did what, sealed so that nobody can change it unseen." />
      <SkeletonRows />
    </>
  );
}
