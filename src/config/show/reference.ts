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

Every setting can be given in three ways: as an environment variable (\`BATCH_SIZE=1000\`), as a flag (\`--batch-size 1000\`), and in
a YAML file (\`batchSize: 1000\`) that \`--config\` or \`TRIBUTARY_CONFIG\` names. Flags override the environment, the environment
overrides the file, the file overrides the defaults. An empty environment variable counts as not set.
Blanks around a variable or a flag are taken away; in the YAML file, where only quotes keep them, they are a fault.

- \`tributary config init\` writes a YAML file with every setting in it.
- \`tributary config show\` prints the settings in effect and where each comes from, without secrets.
- \`tributary config schema\` prints the JSON Schema of the YAML file, for editors.

Durations have a unit: \`500ms\`, \`30s\`, \`3m\`, \`2h\`, \`7d\`. So have sizes: \`512KiB\`, \`64MiB\`, \`1GiB\` (\`KB\`, \`MB\`, \`GB\` are powers of ten).

**Secrets.** \`MONGODB_URI\`, \`REDIS_URL\` and \`HTTP_TOKEN\` can be read from a file: \`MONGODB_URI_FILE=/run/secrets/mongodb-uri\`,
\`--mongodb-uri-file\`, \`mongodbUriFile\`. A flag's value can be seen in the list of processes by every user of the machine;
the environment or a file is the better place. Secrets are masked wherever tributary shows settings.

**The settings of a service, for a verb.** \`--env-file FILE\` reads a file of variables: \`tributary status --env-file /etc/tributary/tributary.env\`.
The file is read as systemd reads its \`EnvironmentFile=\`: one \`NAME=value\` a line, \`#\` or \`;\` before comments, a backslash joins lines, quotes around a
value go away, nothing is filled in (\`&\`, \`$\` and \`#\` in a value mean themselves). \`export\` in front is passed over. A variable that the
environment has already stays as it is, also if it is empty. The AWS SDK and OpenTelemetry see the variables too.

**While it runs.** On SIGHUP \`tributary run\` reads the YAML file, \`--env-file\` and the \`_FILE\` secrets again. Settings marked "read again on SIGHUP"
are taken over at once; of all others that have changed the log says that they wait for a restart. With any fault in the settings
nothing changes, and the log names all of them. See [production](production.md#changing-settings).

**In the YAML file** \`\${NAME}\` is filled in from the environment, \`\${NAME:-text}\` has a default, \`$\${\` is a literal \`\${\`. A setting or
a key that tributary does not know is a fault. All faults are listed at once, and the exit code is 2.

\`\`\`yaml
mongodbUri: "\${MONGODB_URI}"
mongodbDatabase: shop
mongodbCollections: [orders, customers]
destination: s3://lake/shop
batchTimeout: 1m
\`\`\`
`;

const TAIL = `## Which collections

With \`MONGODB_DATABASE\` every entry of \`MONGODB_COLLECTIONS\` is a collection of that database; the database may stand in front
(\`shop.orders\`), any other dot belongs to the collection's name (\`fs.files\`). Without it every entry is \`db.coll\`.

| \`MONGODB_DATABASE\` | \`MONGODB_COLLECTIONS\` | watched |
|---|---|---|
| | | the deployment, one stream |
| \`shop\` | | the database \`shop\`, one stream |
| \`shop\` | \`orders,customers\` | two collections, a stream each |
| | \`shop.orders,crm.people\` | two collections, a stream each |
| \`shop\` | \`orders_*,!orders_tmp\` | the database \`shop\`, one stream, filtered |
| | \`shop.orders_*\` | the database \`shop\`, one stream, filtered |
| | \`*.orders\` | the deployment, one stream, filtered |

\`WATCH_LEVEL\` overrides what follows from the two. With \`WATCH_LEVEL=collection\` and a \`*\`, each collection that fits
gets a stream of its own, also one that is made later ([collections that come and go](protocol.md#collections-that-come-and-go)).

Time-series collections and views have no change events: where one is named \`check\` and \`run\` refuse, and what only fits a pattern is left out.

## Removing fields

\`REDACT\` names fields that must never be stored: \`REDACT=password,customer.email\`, or in YAML

\`\`\`yaml
redact: [password, customer.email, items.secret]
\`\`\`

They are removed where events come in, before anything else sees them, so they are in no object, dead letter, journal or log.

- A path is that of a field in a document. It reaches into arrays: \`items.secret\` is the field of every item, \`items.0.secret\` that of the first.
  What is below the field goes with it.
- They go from \`fullDocument\`, \`fullDocumentBeforeChange\` and \`updateDescription\`, whatever form the update had: \`customer.email\` goes also where
  \`customer\` or \`customer.email.domain\` was set. Of the lists of removed and ambiguous names those at and below the field go.
- Where a name has dots in it, it is taken for a path as well: rather too much is removed than too little. So in \`updatedFields\` a number may be an
  index: \`scores.2024.secret\` goes with the path \`scores.secret\`, though in the document itself, where \`scores\` is no array, it stays.
- \`_id\` and what is in it cannot be removed: it tells documents apart, and every resume token holds it. The same is true of a shard key: a
  stream that meets an event with the field in its document key stops and says so, and \`check\` says it before.
- REDACT goes by names, after the stages of \`pipeline\`. A value that a stage gives another name in the document stays there, and so does what is a part of another
  value, such as a text that quotes it.
- Where a stage of yours fails in MongoDB, the server's message may quote a value, and the log and the dead letter's reason show the message.
- A document that is damaged, so that nobody can say what is in it, is removed whole; its event is a dead letter.

It holds for events that are read from then on; objects that are there already stay as they are. A range that is read again is made with the REDACT of its record.
Two instances with different REDACT do not run the same stream: the later one waits until the other stops. A version of tributary that knows nothing of REDACT
stops at a journal that has it. To try it out: \`tributary tap\`.

## Transformations

\`pipeline\` in the YAML file is a list of MongoDB aggregation stages that the server runs on every event: \`$match\`, \`$project\`,
\`$addFields\`, \`$set\`, \`$unset\`, \`$replaceRoot\`, \`$replaceWith\`, \`$redact\`. Values are Extended JSON; \`1\` is an int32 (int64 if it is
large), \`1.0\` a double.

\`\`\`yaml
pipeline:
  - $match: { operationType: { $in: [insert, update, replace, delete] } }
  - $unset: [fullDocument.thumbnail] # large and of no use; updates of it still carry it
\`\`\`

To keep a field out of the lake, use [\`REDACT\`](#removing-fields): a stage such as \`$unset: [fullDocument.password]\` forgets that updates carry the
field in \`updateDescription\`, under many names, and stages do not run on dead letters.

\`tributary tap\` prints the next events as the rows they would become, with the stages, the images and REDACT of the settings, and stores nothing. It needs the
settings of MongoDB and no destination; \`--from 2026-11-20T17:00:00Z\` shows events that are past.

tributary may have to read a part of a stream again, and must then find the same events. So these are faults:

- \`$rand\`, \`$sampleRate\`, \`$function\`, \`$accumulator\`, \`$where\`, \`$createUUID\`, \`$createObjectId\`, \`$currentDate\`, \`$$NOW\`, \`$$CLUSTER_TIME\`,
  \`$$USER_ROLES\`;
- a change of \`_id\`, \`operationType\`, \`ns\`, \`clusterTime\` or \`documentKey\`: a \`$project\` that keeps some fields must keep these, a new root must
  be \`{$mergeObjects: ["$$ROOT", ...]}\`;
- a filter (\`$match\`, \`$redact\`) on \`fullDocument\` or \`fullDocumentBeforeChange\`, or on a field copied from them, unless
  \`FULL_DOCUMENT=required\` or \`FULL_DOCUMENT_BEFORE_CHANGE=required\`: a document that is looked up may be another one the next time;
- \`$$DESCEND\` in \`$redact\`, which could cut out parts of \`_id\`, \`ns\` or \`documentKey\`.

## Credentials for S3

They come by the AWS SDK's own chain (environment, profile, web identity, container, instance) and are no settings of tributary.
Where S3 refuses them, files, tokens and roles are asked again before the next try, so keys that are replaced there need no restart; those in
environment variables do.

## Hot prefixes

S3 divides keys by their beginnings. Where one prefix gets more than some thousand requests a second, \`{hash}\` spreads the objects over 256 folders, \`00\` to \`ff\`:
\`KEY_TEMPLATE=h={hash}/db={db}/coll={coll}/dt={yyyy}-{MM}-{dd}\`. It follows from the name of the file, so a redo finds the same folder.

Write it as \`h={hash}\`: readers then see a partition column \`h\` that nobody needs to ask for, as in
\`read_parquet('s3://lake/shop/h=*/db=shop/coll=orders/**/*.parquet', hive_partitioning = true)\`. A bare \`{hash}/\` in front of \`db=...\` stops Spark and
Athena from finding partitions. Every question of a day lists 256 folders, so leave it out where S3 does not answer \`503 Slow Down\`. \`verify --stream\` lists the whole prefix then.

## Room for keys

The longest key that the settings allow must fit: S3 takes keys of 1,024 bytes with the prefix, a file system names of 255 bytes and paths of 4,095. Names of
databases and collections take 100 bytes each at most. \`run\` and \`check\` refuse a prefix or a \`KEY_TEMPLATE\` that leaves no room.
`;
