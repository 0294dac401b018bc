import { setting, SETTING_NAMES } from "../table/schema.ts";
import { flagName, type Section, SECTIONS, yamlKey } from "../table/setting.ts";

/** `docs/configuration.md`: the page of all settings. */
export function configurationPage(): string {
  return [HEAD, ...SECTIONS.map(sectionText), TAIL].join("\n");
}

function sectionText(section: Section): string {
  const rows = SETTING_NAMES.filter((name) => setting(name).section === section).map(row);
  return [
    `## ${section}`,
    "",
    "| setting | allowed | default | |",
    "|---|---|---|---|",
    ...rows,
    "",
  ]
    .join("\n");
}

function row(name: typeof SETTING_NAMES[number]): string {
  const { kind, default: text, defaultNote, description, reload } = setting(name);
  const names = `\`${name}\`<br>\`--${flagName(name)}\`<br>\`${yamlKey(name)}\``;
  const standard = text === undefined ? defaultNote ?? "none" : `\`${text}\``;
  const note = reload === undefined ? "" : ` ${RELOADED}`;
  const cells = [names, kind.allowed, standard, description + note];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** What marks a setting that may change while the program runs. */
const RELOADED = "**Read again on SIGHUP.**";

const HEAD = `# Configuration

<!-- Made by \`deno run -A scripts/docs.ts\` from src/config. Change the settings there. -->

You can give every setting in three ways:

- as an environment variable: \`BATCH_SIZE=1000\`
- as a flag: \`--batch-size 1000\`
- in a YAML file: \`batchSize: 1000\`. Name the file with \`--config\` or \`TRIBUTARY_CONFIG\`.

A flag wins over the environment, the environment over the file, and the file over the default. An empty environment variable counts as not set.
Blanks around a variable or a flag are taken away. In the YAML file they are a fault, because only quotes keep them there.

- \`tributary config init\` writes a YAML file with every setting in it.
- \`tributary config show\` prints the settings in force and where each comes from, without secrets.
- \`tributary config schema\` prints the JSON Schema of the YAML file, for editors.

Durations have a unit: \`500ms\`, \`30s\`, \`3m\`, \`2h\`, \`7d\`. Sizes have one too: \`512KiB\`, \`64MiB\`, \`1GiB\` (\`KB\`, \`MB\`, \`GB\` are powers of ten).

**Secrets.** \`MONGODB_URI\`, \`REDIS_URL\` and \`HTTP_TOKEN\` can come from a file: \`MONGODB_URI_FILE=/run/secrets/mongodb-uri\`,
\`--mongodb-uri-file\`, \`mongodbUriFile\`. Do not give a secret as a flag: every user of the machine can see it in the list of processes. Use the
environment or a file. tributary masks secrets wherever it shows settings.

**The settings of a service, for a verb.** \`--env-file FILE\` reads a file of variables: \`tributary status --env-file /etc/tributary/tributary.env\`.
It reads the file as systemd reads its \`EnvironmentFile=\`: one \`NAME=value\` a line. \`#\` or \`;\` begins a comment, and a backslash joins lines. Quotes around a
value go away. Nothing is filled in: \`&\`, \`$\` and \`#\` in a value mean themselves. \`export\` in front is passed over. The environment wins over the file, even with an empty
variable. The AWS SDK and OpenTelemetry see the file's variables too.

**While it runs.** Send SIGHUP, and \`tributary run\` reads the YAML file, \`--env-file\` and the \`_FILE\` secrets again. It takes over the settings marked "read again on SIGHUP" at once. For all
others that have changed, the log says that they wait for a restart. If the settings have a fault, nothing changes, and the log names every fault. See
[production](production.md#changing-settings).

**In the YAML file** \`\${NAME}\` is filled in from the environment. \`\${NAME:-text}\` has a default, and \`$\${\` stands for \`\${\`. A setting or a
key that tributary does not know is a fault. tributary lists all faults at once, each with its file, line and column, and ends with exit code 2.

\`\`\`yaml
mongodbUri: "\${MONGODB_URI}"
mongodbDatabase: shop
mongodbCollections: [orders, customers]
destination: s3://lake/shop
batchTimeout: 1m
\`\`\`
`;

const TAIL = `## Which collections

With \`MONGODB_DATABASE\`, every entry of \`MONGODB_COLLECTIONS\` is a collection of that database. You may write the database in front
(\`shop.orders\`). Any other dot is a part of the collection's name (\`fs.files\`). Without \`MONGODB_DATABASE\`, every entry is \`db.coll\`.

| \`MONGODB_DATABASE\` | \`MONGODB_COLLECTIONS\` | watched |
|---|---|---|
| | | the deployment, one stream |
| \`shop\` | | the database \`shop\`, one stream |
| \`shop\` | \`orders,customers\` | two collections, a stream each |
| | \`shop.orders,crm.people\` | two collections, a stream each |
| \`shop\` | \`orders_*,!orders_tmp\` | the database \`shop\`, one stream, filtered |
| | \`shop.orders_*\` | the database \`shop\`, one stream, filtered |
| | \`*.orders\` | the deployment, one stream, filtered |

\`WATCH_LEVEL\` overrides the last column. With \`WATCH_LEVEL=collection\` and a \`*\`, each collection that fits gets a stream of its own. That includes
collections that are made later ([collections that come and go](protocol.md#collections-that-come-and-go)).

Time-series collections and views have no change events. If you name one, \`check\` and \`run\` refuse. If it only fits a pattern, tributary leaves it out.

## Removing fields

\`REDACT\` names fields that must never be stored: \`REDACT=password,customer.email\`, or in YAML

\`\`\`yaml
redact: [password, customer.email, items.secret]
\`\`\`

tributary removes them where events come in, before anything else sees them. So they are in no object, dead letter, journal or log.

- **Paths.** A path names a field in a document, and everything below it goes too. It reaches into arrays: \`items.secret\` is the field of every item, \`items.0.secret\` that of the
  first.
- **Where.** They go from \`fullDocument\`, \`fullDocumentBeforeChange\` and \`updateDescription\`, whatever form the update had. \`customer.email\` also goes if the update set
  \`customer\` or \`customer.email.domain\`. The lists of removed and ambiguous names lose the names at and below the field.
- **Dots in names.** A name with dots counts as a path as well, so rather too much is removed than too little. In \`updatedFields\` a number may be an index:
  \`scores.2024.secret\` goes with the path \`scores.secret\`. In the document itself it stays if \`scores\` is no array.
- **\`_id\` and shard keys.** \`_id\` and what is in it cannot be removed. It tells documents apart, and every resume token holds it. The same is true of a shard key. If an
  event has the field in its document key, the stream stops and says so. \`check\` says it before.
- **Functions.** The variables of a JavaScript function with a scope are below its field: \`fn.password\` goes from the scope of \`fn\`.
- **Stages.** REDACT comes after the stages of \`pipeline\`. If a stage writes something of an event into \`fullDocument\`, \`fullDocumentBeforeChange\`,
  \`updateDescription\` or a field of the server's, such as \`to\`, paths begin at any depth there: a document that was copied into it loses the field too.
- **What it does not find.** REDACT goes by names. It does not find a value that a stage puts under another name, or a text that quotes it.
- **Likely mistakes** are refused with the path to write: \`fullDocument.password\`, \`updatedFields.a\`, \`items[].secret\`, quotes, or blanks instead of commas.
- **Messages of MongoDB.** If a stage of yours fails in MongoDB, the server's message may quote a value. The log and the dead letter's reason show that message.
- **Damaged documents.** If nobody can say what is in a document, it is removed whole. Its event is a dead letter.

REDACT counts for events that are read from then on. Objects that are there already stay as they are. If a range is read again, the REDACT of its record counts.
Two instances with different REDACT do not run the same stream: the later one waits until the other stops. An older version of tributary that does not know REDACT stops at a
journal that has it. To try it out, run \`tributary tap\`.

## Transformations

\`pipeline\` in the YAML file is a list of MongoDB aggregation stages. MongoDB runs them on every event. These stages are allowed: \`$match\`, \`$project\`,
\`$addFields\`, \`$set\`, \`$unset\`, \`$replaceRoot\`, \`$replaceWith\`, \`$redact\`. Write values as Extended JSON: \`1\` is an int32 (int64 if it is
large), \`1.0\` a double.

\`\`\`yaml
pipeline:
  - $match: { operationType: { $in: [insert, update, replace, delete] } }
  - $unset: [fullDocument.thumbnail] # large and of no use; updates of it still carry it
\`\`\`

To keep a field out of the lake, use [\`REDACT\`](#removing-fields), not a stage. \`$unset: [fullDocument.password]\` forgets that updates carry the field in
\`updateDescription\`, under many names. And stages do not run on dead letters.

\`tributary tap\` prints the next events as the rows that they would become, with your stages, images and REDACT. It stores nothing. It needs the settings of MongoDB and no
destination. \`--from 2026-11-20T17:00:00Z\` shows events that are past.

Sometimes tributary must read a part of a stream again. It must then find the same events. So these are faults:

- Whatever gives another result the next time: \`$rand\`, \`$sampleRate\`, \`$function\`, \`$accumulator\`, \`$where\`, \`$createUUID\`, \`$createObjectId\`, \`$currentDate\`, \`$$NOW\`,
  \`$$CLUSTER_TIME\`, \`$$USER_ROLES\`.
- A change of \`_id\`, \`operationType\`, \`ns\`, \`clusterTime\` or \`documentKey\`. A \`$project\` that keeps some fields must keep these. A new root must
  be \`{$mergeObjects: ["$$ROOT", ...]}\`.
- A filter (\`$match\`, \`$redact\`) on \`fullDocument\` or \`fullDocumentBeforeChange\`, or on a field copied from them. A document that is looked up may be
  another one the next time. Such a filter is allowed with \`FULL_DOCUMENT=required\` or \`FULL_DOCUMENT_BEFORE_CHANGE=required\`.
- \`$$DESCEND\` in \`$redact\`. It could cut out parts of \`_id\`, \`ns\` or \`documentKey\`.

## Credentials for S3

They come from where the AWS SDK looks: the environment, a profile, a web identity, the container, the instance. They are no settings of tributary.

If S3 refuses them, tributary reads files, tokens and roles again before the next try. So you can replace keys there without a restart. Keys in
environment variables need a restart.

## Hot prefixes

S3 divides keys by their beginnings. Does one prefix get more than some thousand requests a second? Then \`{hash}\` spreads the objects over 256 folders, \`00\` to \`ff\`:
\`KEY_TEMPLATE=h={hash}/db={db}/coll={coll}/dt={yyyy}-{MM}-{dd}\`. It follows from the name of the file, so an object that is made again gets the same folder.

Write it as \`h={hash}\`. Readers then see a partition column \`h\`, which a query need not name, as in
\`read_parquet('s3://lake/shop/h=*/db=shop/coll=orders/**/*.parquet', hive_partitioning = true)\`. A bare \`{hash}/\` in front of \`db=...\` keeps Spark and Athena from finding
partitions. Every query of a day lists 256 folders, so use it only if S3 answers \`503 Slow Down\`. \`verify --stream\` then lists the whole prefix.

## Room for keys

The longest key that your settings allow must fit. S3 takes keys of 1,024 bytes, with the prefix. A file system takes names of 255 bytes and paths of 4,095. The names
of databases and collections take 100 bytes each at most. \`run\` and \`check\` refuse a prefix or a \`KEY_TEMPLATE\` that leaves no room.
`;
