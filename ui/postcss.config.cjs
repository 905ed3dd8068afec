// The browser's own light-dark() is meant: the preset's rewriting does not reach :root, where the tokens are.
module.exports = { plugins: { 'postcss-preset-mantine': { features: { lightDarkFunction: false } } } };
