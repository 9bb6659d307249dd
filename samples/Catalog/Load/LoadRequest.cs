namespace Catalog.Load;

internal enum LoadKind
{
    Product,
    Category,
    Related,
    Suggestions,
    MissingProduct,
    StockChange,
}

/// <summary>One request of the built-in load.</summary>
internal readonly record struct LoadRequest(LoadKind Kind, string Path, int Stock = 0);
