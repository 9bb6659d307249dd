namespace Catalog.Database;

internal enum QueryKind
{
    Product,
    Parts,
    CategoryTotals,
    CategoryLines,
    Related,
    Suggestions,
    Write,
}
