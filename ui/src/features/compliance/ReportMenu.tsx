import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';

/** The report for an auditor, as a page, a table or data. */
export function ReportMenu({ path, name }: { path: string; name: string }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target><Button variant="default" leftSection={<IconDownload size={14} />}>Report</Button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={`${path}?format=html`} target="_blank" rel="noopener">Page to read and print</Menu.Item>
        <Menu.Item component="a" href={`${path}?format=csv`} download={`${name}.csv`}>Table (CSV)</Menu.Item>
        <Menu.Item component="a" href={`${path}?format=json`} download={`${name}.json`}>Data (JSON)</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
