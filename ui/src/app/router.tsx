import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';

import { Problem } from '@/api/problem';
import { meQuery } from '@/shared/session';
import { ErrorState, NothingHere, SkeletonRows } from '@/shared/states';

import { Shell } from './Shell';

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('@/features/session/SignInPage')),
});

/** Everything behind the sign-in; who is not signed in comes back here afterwards. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: '/sign-in', search: { next: location.href } as never });
      }
      throw error;
    }
  },
});

const pages = {
  '/': () => import('@/features/home/HomePage'),
  '/search': () => import('@/features/search/SearchPage'),
  '/sources': () => import('@/features/sources/SourcesPage'),
  '/sources/new': () => import('@/features/sources/NewSourcePage'),
  '/sources/$sourceId': () => import('@/features/sources/SourcePage'),
  '/scans': () => import('@/features/scans/ScansPage'),
  '/scans/$runId': () => import('@/features/scans/RunPage'),
  '/rule-sets': () => import('@/features/rulesets/RuleSetsPage'),
  '/rule-sets/$name': () => import('@/features/rulesets/RuleSetPage'),
  '/review': () => import('@/features/classification/ReviewPage'),
  '/classifiers': () => import('@/features/classification/ClassifiersPage'),
  '/quality': () => import('@/features/quality/QualityPage'),
  '/compliance': () => import('@/features/compliance/CompliancePage'),
  '/compliance/$frameworkId': () => import('@/features/compliance/FrameworkPage'),
  '/findings': () => import('@/features/compliance/FindingsPage'),
  '/findings/$findingId': () => import('@/features/compliance/FindingPage'),
  '/audit': () => import('@/features/audit/AuditPage'),
  '/settings': () => import('@/features/settings/SettingsPage'),
} as const;

const children = Object.entries(pages).map(([path, load]) =>
  createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load) }),
);

// What has no page of its own says so inside the shell, from where one gets on.
const unknown = createRoute({ getParentRoute: () => inside, path: '$', component: () => <NothingHere /> });

// Below one parent: else the page of one asset would also answer to the address of the list.
const assets = createRoute({ getParentRoute: () => inside, path: '/assets', component: Outlet });
const assetPages = [
  createRoute({ getParentRoute: () => assets, path: '/', component: lazyRouteComponent(() => import('@/features/asset/AssetsPage')) }),
  createRoute({ getParentRoute: () => assets, path: '$', component: lazyRouteComponent(() => import('@/features/asset/AssetPage')) }),
];

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([signIn, inside.addChildren([...children, assets.addChildren(assetPages), unknown])]),
    context: { queries },
    defaultPreload: 'intent',
    defaultPendingComponent: () => <SkeletonRows />,
    defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
    defaultNotFoundComponent: () => <NothingHere />,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const text = new URLSearchParams(Object.entries(search).filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)])).toString();
      return text ? `?${text}` : '';
    },
  });
}
