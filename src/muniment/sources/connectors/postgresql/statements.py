"""The statements that read the whole metadata of a PostgreSQL database, whatever its size.

Joins instead of functions called per row, aggregated by table on the server, so that one row
travels per asset. ``relpages`` and ``reltuples`` instead of size functions: those lock.
"""

# ruff: noqa: S608  (the only thing pasted in is the constant below)

OF_PEOPLE = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"

SCHEMAS = f"""
    select n.nspname, obj_description(n.oid, 'pg_namespace'), pg_get_userbyid(n.nspowner),
           has_schema_privilege(n.oid, 'usage'),
           (select json_agg(json_build_array(
                       case x.grantee when 0 then 'PUBLIC' else pg_get_userbyid(x.grantee) end,
                       x.privilege_type))
            from aclexplode(n.nspacl) x where x.grantee <> n.nspowner)
    from pg_namespace n
    where {OF_PEOPLE}
    order by n.nspname
"""

KEYS = f"""
    select k.relation::int8, k.kind, k.name, k.columns, k.referenced, k.referenced_columns
    from (
        select c.conrelid as relation, c.contype::text as kind, c.conname::text as name,
               (select json_agg(a.attname order by u.place)
                from unnest(c.conkey) with ordinality u(number, place)
                join pg_attribute a on a.attrelid = c.conrelid and a.attnum = u.number) as columns,
               case when c.confrelid <> 0 then json_build_array(fn.nspname, f.relname) end
                   as referenced,
               (select json_agg(a.attname order by u.place)
                from unnest(c.confkey) with ordinality u(number, place)
                join pg_attribute a on a.attrelid = c.confrelid and a.attnum = u.number)
                   as referenced_columns
        from pg_constraint c
        join pg_namespace n on n.oid = c.connamespace
        left join pg_class f on f.oid = c.confrelid
        left join pg_namespace fn on fn.oid = f.relnamespace
        where c.conrelid <> 0 and c.contype in ('p', 'u', 'f') and c.conparentid = 0
          and {OF_PEOPLE}
        union all
        select i.indrelid, 'u', ic.relname::text,
               (select json_agg(a.attname order by u.place)
                from unnest(i.indkey::int2[]) with ordinality u(number, place)
                join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.number
                where u.place <= i.indnkeyatts),
               null, null
        from pg_index i
        join pg_class ic on ic.oid = i.indexrelid
        join pg_namespace n on n.oid = ic.relnamespace
        where i.indisunique and not i.indisprimary and i.indisvalid
          and i.indpred is null and i.indexprs is null and not ic.relispartition
          and {OF_PEOPLE}
          and not exists (select from pg_constraint c where c.conindid = i.indexrelid
                          and c.contype in ('p', 'u'))
    ) k
    order by k.relation, k.kind, k.name
"""

RELATIONS = f"""
    with recursive tree as (
        select i.inhparent as root, i.inhrelid as leaf
        from pg_inherits i
        join pg_class p on p.oid = i.inhparent
        where p.relkind = 'p' and not p.relispartition
        union all
        select t.root, i.inhrelid from tree t join pg_inherits i on i.inhparent = t.leaf
    ),
    parts as (
        select t.root, count(*) as leaves,
               sum(case when c.reltuples >= 0 then c.reltuples
                        else pg_stat_get_live_tuples(c.oid) end) as row_count,
               sum(c.relpages::int8)::int8 as pages
        from tree t join pg_class c on c.oid = t.leaf and c.relkind <> 'p'
        group by t.root
    ),
    described as (
        select a.attrelid,
               json_agg(json_build_array(
                   a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
                   case when a.attidentity <> '' then 'generated as identity'
                        else pg_get_expr(d.adbin, d.adrelid) end,
                   t.description) order by a.attnum) as columns
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm', 'f')
                       and not c.relispartition
        join pg_namespace n on n.oid = c.relnamespace and {OF_PEOPLE}
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        left join pg_description t on t.objoid = a.attrelid and t.objsubid = a.attnum
                                  and t.classoid = 'pg_class'::regclass
        where a.attnum > 0 and not a.attisdropped
        group by a.attrelid
    )
    select c.oid::int8, n.nspname, c.relname, c.relkind::text, t.description,
           pg_get_userbyid(c.relowner),
           case when p.root is not null then p.row_count
                when c.relkind not in ('r', 'm') then null
                when c.reltuples >= 0 then c.reltuples
                else pg_stat_get_live_tuples(c.oid) end::int8,
           case when c.relkind in ('r', 'm', 'p')
                then (coalesce(p.pages, c.relpages) + coalesce(toast.relpages, 0))
                     * current_setting('block_size')::int8 end,
           p.leaves,
           c.relrowsecurity,
           case when c.relkind in ('r', 'm') and c.relispopulated then c.relpages end,
           has_schema_privilege(n.oid, 'usage'),
           has_table_privilege(c.oid, 'select'),
           case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
           (select json_agg(json_build_array(
                       case x.grantee when 0 then 'PUBLIC' else pg_get_userbyid(x.grantee) end,
                       x.privilege_type))
            from aclexplode(c.relacl) x where x.grantee <> c.relowner),
           k.columns
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    left join described k on k.attrelid = c.oid
    left join parts p on p.root = c.oid
    left join pg_class toast on toast.oid = c.reltoastrelid and c.reltoastrelid <> 0
    left join pg_description t on t.objoid = c.oid and t.objsubid = 0
                              and t.classoid = 'pg_class'::regclass
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
      and {OF_PEOPLE}
      and not exists (select from pg_depend e where e.objid = c.oid and e.deptype = 'e'
                      and e.classid = 'pg_class'::regclass)
    order by n.nspname, c.relname
"""

ROUTINES = f"""
    select n.nspname, r.proname, oidvectortypes(r.proargtypes), r.prokind::text, l.lanname,
           t.description, pg_get_userbyid(r.proowner),
           case when l.lanname in ('c', 'internal') then null else pg_get_functiondef(r.oid) end,
           r.prosecdef, format_type(r.prorettype, null),
           (select json_agg(json_build_array(
                       case x.grantee when 0 then 'PUBLIC' else pg_get_userbyid(x.grantee) end,
                       x.privilege_type))
            from aclexplode(coalesce(r.proacl, acldefault('f', r.proowner))) x
            where x.grantee <> r.proowner)
    from pg_proc r
    join pg_namespace n on n.oid = r.pronamespace
    join pg_language l on l.oid = r.prolang
    left join pg_description t on t.objoid = r.oid and t.classoid = 'pg_proc'::regclass
    where r.prokind in ('f', 'p') and {OF_PEOPLE}
      and not exists (select from pg_depend e where e.objid = r.oid and e.deptype = 'e'
                      and e.classid = 'pg_proc'::regclass)
    order by n.nspname, r.proname, 3
"""

READABLE = f"""
    select n.nspname, has_schema_privilege(n.oid, 'usage'), count(c.oid),
           count(c.oid) filter (where has_table_privilege(c.oid, 'select'))
    from pg_namespace n
    left join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'm', 'f', 'v')
                        and not c.relispartition
    where {OF_PEOPLE}
    group by n.oid, n.nspname
    order by n.nspname
"""

ACCOUNT = """
    select current_user::text, current_database()::text, version(), r.rolsuper,
           r.rolbypassrls,
           (select count(*) from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname !~ '^pg_'
              and n.nspname <> 'information_schema'
              and has_table_privilege(c.oid, 'insert, update, delete, truncate'))
    from pg_roles r where r.rolname = current_user
"""
