"""The statements that read the whole metadata of a server, whatever its size.

Few statements without joins: MariaDB makes a table without an index of each part of
``information_schema`` that is joined. What is small is put together here in memory.
"""

# ruff: noqa: S608  (what is pasted in is the condition below, whose one value is quoted)

from muniment.sources.connectors.mysql import quoting

OF_THE_SERVER = "('information_schema', 'mysql', 'performance_schema', 'sys')"


PARTITIONS = """
    select 'partition', table_schema, table_name, min(partition_method),
           count(distinct partition_name), min(partition_expression), null, null, null
    from information_schema.partitions
    where {within} and partition_name is not null
    group by table_schema, table_name
    union all"""


def within(column: str, database: str | None) -> str:
    """The condition that a schema is asked for: one database, or all that are people's."""
    if database:
        return f"{column} = {quoting.text(database)}"
    return f"{column} not in {OF_THE_SERVER}"


def schemas(database: str | None) -> str:
    return f"""
    select schema_name, default_collation_name, coalesce(null /*M!100500 , schema_comment */),
           current_user()
    from information_schema.schemata
    where {within("schema_name", database)}
    order by schema_name"""


def tables(database: str | None) -> str:
    return f"""
    select table_schema, table_name, table_type, engine, table_rows, data_length + index_length,
           table_comment, table_collation, create_options
    from information_schema.tables
    where {within("table_schema", database)}
      and table_type in ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW')"""


def facts(database: str | None, *, partitioned: bool = True) -> str:
    """Kind, schema, table, name and five things more, of everything that hangs on a table.

    MariaDB opens every table for each part, so partitions are asked for where there are any.
    """
    parts = PARTITIONS.format(within=within("table_schema", database)) if partitioned else ""
    return f"""
    select 'index', table_schema, table_name, index_name, seq_in_index, column_name, non_unique,
           sub_part, index_type
    from information_schema.statistics where {within("table_schema", database)}
    union all
    select 'reference', table_schema, table_name, constraint_name, ordinal_position, column_name,
           referenced_table_schema, referenced_table_name, referenced_column_name
    from information_schema.key_column_usage
    where {within("table_schema", database)} and referenced_table_name is not null
    union all{parts}
    select 'view', table_schema, table_name, definer, 0, view_definition, security_type,
           is_updatable, null
    from information_schema.views where {within("table_schema", database)}
    union all
    select 'trigger', event_object_schema, event_object_table, trigger_name, action_order,
           action_timing, event_manipulation, null, null
    from information_schema.triggers where {within("event_object_schema", database)}
    union all
    select 'grant', table_schema, table_name, grantee, 0, privilege_type, null, null, null
    from information_schema.table_privileges where {within("table_schema", database)}
    union all
    select 'schema grant', table_schema, '', grantee, 0, privilege_type, null, null, null
    from information_schema.schema_privileges where {within("table_schema", database)}"""


def columns(database: str | None) -> str:
    return f"""
    select table_schema, table_name, column_name, column_type, is_nullable, column_default, extra,
           generation_expression, column_comment, privileges
    from information_schema.columns
    where {within("table_schema", database)}
    order by table_schema, table_name, ordinal_position"""


def routines(database: str | None) -> str:
    return f"""
    select r.routine_schema, r.routine_name, r.routine_type, r.dtd_identifier, r.routine_body,
           r.routine_definition, r.is_deterministic, r.security_type, r.definer,
           r.routine_comment, r.sql_data_access, p.declared, p.types
    from information_schema.routines r
    left join (
        select specific_schema, specific_name, routine_type,
               group_concat(
                   if(routine_type = 'PROCEDURE', concat(parameter_mode, ' '), ''),
                   '`', replace(parameter_name, '`', '``'), '` ', dtd_identifier
                   order by ordinal_position separator ', ') as declared,
               group_concat(dtd_identifier order by ordinal_position separator ', ') as types
        from information_schema.parameters
        where {within("specific_schema", database)} and ordinal_position > 0
        group by specific_schema, specific_name, routine_type
    ) p on p.specific_schema = r.routine_schema and p.specific_name = r.specific_name
       and p.routine_type = r.routine_type
    where {within("r.routine_schema", database)} and r.routine_type in ('FUNCTION', 'PROCEDURE')
    order by r.routine_schema, r.routine_name, r.routine_type"""


def catalogue(database: str | None) -> tuple[str, ...]:
    """All of them, in the order in which they are run."""
    return tuple(make(database) for make in (schemas, tables, facts, columns, routines))


READABLE = """
    select table_schema, count(distinct table_name),
           count(distinct if(privileges like '%select%', table_name, null))
    from information_schema.columns
    where {within}
    group by table_schema order by table_schema"""

PRIVILEGES = """
    select privilege_type from information_schema.user_privileges
    where grantee = concat('''', replace(current_user(), '@', '''@'''), '''')"""
