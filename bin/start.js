// A file of its own: versions of Node.js that are older than the one that is needed may not even parse `import()`.
module.exports = (program) => import(program);
