// Writes small Parquet data sets with hyparquet-writer, and what hyparquet, an independent reader, finds in them.
//
//     npm install hyparquet-writer@0.17.0 hyparquet@1.31.5
//     node src/test/python/parquet_goldens.mjs src/test/resources/dev/itprompt/data/sets/parquet
//
// hf/data has Hugging Face's layout: shards, an image column of {bytes, path}, integer labels with names in the metadata, row groups of
// two rows, Snappy. plain/ has bare binary images and text labels, uncompressed; wrong/ has a file for each fault. expected.json lists
// SHA-256 of every image and its label.
import { createHash } from 'crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'fs'
import { dirname, join } from 'path'
import { createRequire } from 'module'
import { pathToFileURL } from 'url'
import { crc32, deflateSync } from 'zlib'

const require = createRequire(join(process.cwd(), 'x.js'))
const load = name => import(pathToFileURL(require.resolve(name)).href)
const { parquetWriteBuffer } = await load('hyparquet-writer')
const { parquetReadObjects } = await load('hyparquet')
const OUT = process.argv[2]

/** A PNG of one colour, red, green and blue each from 0 to 255. */
function png(width, height, [r, g, b]) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const out = Buffer.alloc(body.length + 8)
    out.writeUInt32BE(data.length)
    body.copy(out, 4)
    out.writeUInt32BE(crc32(body), body.length + 4)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([8, 2], 8)
  const row = Buffer.concat([Buffer.from([0]), ...Array(width).fill(Buffer.from([r, g, b]))])
  return new Uint8Array(Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(Array(height).fill(row)))), chunk('IEND', Buffer.alloc(0))]))
}

const image = i => png(4 + i % 3, 5, [40 * i % 256, 90 * i % 256, 7 * i])
const hf = (label = 'label') => JSON.stringify({ info: { features: {
  image: { _type: 'Image' }, [label]: { names: ['red_fox', 'hen', 'tabby cat'], _type: 'ClassLabel' } } } })
const STRUCT = [{ name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
  { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
  { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }]

function write(name, options) {
  const file = join(OUT, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, Buffer.from(parquetWriteBuffer(options)))
}

/** Hugging Face's layout. */
function shard(name, images, labels, extra = {}) {
  write(name, { schema: [{ name: 'root', num_children: 2 }, ...STRUCT, { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' }],
    columnData: [{ name: 'image', data: images.map((bytes, i) => bytes && { bytes, path: i + '.png' }) },
      { name: 'label', data: labels.map(l => l === null ? null : BigInt(l)) }],
    rowGroupSize: 2, kvMetadata: [{ key: 'huggingface', value: hf() }], ...extra })
}

/** Bare bytes. */
function bare(name, images, labels, type = 'STRING', extra = {}) {
  write(name, { columnData: [{ name: 'id', data: images.map((_, i) => i), type: 'INT32' },
    { name: 'image', data: images, type: 'BYTE_ARRAY' }, { name: 'label', data: labels, type }], codec: 'UNCOMPRESSED', ...extra })
}

const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i)
shard('hf/data/train-00000-of-00002.parquet', range(0, 5).map(image), [0, 1, 2, 0, 1])
shard('hf/data/train-00001-of-00002.parquet', range(5, 8).map(image), [2, 1, 0])
shard('hf/data/test-00000-of-00001.parquet', range(8, 12).map(image), [2, 0, 1, 2])
bare('plain/train.parquet', range(0, 4).map(image), ['zebra', 'ant_hill', 'zebra', 'ant_hill'])
bare('plain/validation.parquet', range(4, 6).map(image), ['ant_hill', 'zebra'])
bare('numbers/train.parquet', range(0, 4).map(image), [1, 0, 1, 0], 'INT32')
bare('numbers/test.parquet', range(4, 6).map(image), [0, 1], 'INT32')
const three = range(0, 3).map(image)
shard('wrong/null-image/train.parquet', [three[0], null, three[2]], [0, 1, 2])
shard('wrong/null-bytes/train.parquet', three, [0, 1, 2], { columnData: [
  { name: 'image', data: [{ bytes: three[0], path: 'a' }, { bytes: null, path: 'b' }, { bytes: three[2], path: 'c' }] },
  { name: 'label', data: [0n, 1n, 2n] }] })
shard('wrong/null-label/train.parquet', three, [0, null, 2])
shard('wrong/label/train.parquet', three, [0, 3, 1])
bare('wrong/no-image/train.parquet', three, ['a', 'b', 'c'], 'STRING', { columnData: [{ name: 'label', data: ['a', 'b'], type: 'STRING' }] })
bare('wrong/no-label/train.parquet', three, ['a', 'b', 'c'], 'STRING', { columnData: [{ name: 'image', data: three, type: 'BYTE_ARRAY' }] })
bare('wrong/image-type/train.parquet', three, ['a', 'b', 'c'], 'STRING', { columnData: [
  { name: 'image', data: [1, 2, 3], type: 'INT32' }, { name: 'label', data: ['a', 'b', 'c'], type: 'STRING' }] })
bare('wrong/label-type/train.parquet', three, [0.5, 1.5, 2.5], 'DOUBLE')
bare('wrong/not-an-image/train.parquet', [three[0], new Uint8Array([1, 2, 3]), three[2]], ['a', 'b', 'a'])

const expected = {}
for (const name of ['hf/data/train-00000-of-00002', 'hf/data/train-00001-of-00002', 'hf/data/test-00000-of-00001', 'plain/train',
  'plain/validation', 'numbers/train', 'numbers/test']) {
  const data = readFileSync(join(OUT, name + '.parquet'))
  const file = data.buffer.slice(data.byteOffset, data.byteOffset + data.length)
  expected[name + '.parquet'] = (await parquetReadObjects({ file, utf8: false })).map(row =>
    ({ sha256: createHash('sha256').update(row.image.bytes ?? row.image).digest('hex'), label: typeof row.label === 'bigint' ? Number(row.label) : row.label }))
}
writeFileSync(join(OUT, 'expected.json'), JSON.stringify(expected, null, 1) + '\n')
