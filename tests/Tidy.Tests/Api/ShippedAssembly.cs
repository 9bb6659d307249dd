using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Api;

/// <summary>What ships, as its users' compiler sees it: public and protected, nothing else.</summary>
internal static class ShippedAssembly
{
    /// <summary>The platform, ASP.NET Core and every package that lies beside these tests.</summary>
    public static IReadOnlyList<MetadataReference> Platform { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileNameWithoutExtension(p) is not ("Tidy.Tests" or "xunit.v3.assert"))
            .Select(p => MetadataReference.CreateFromFile(p)),
    ];

    /// <summary>One for each project under src/.</summary>
    public static IEnumerable<string> Names =>
        Repository.Files.Where(f => f.In("src") && f.Path.EndsWith(".csproj", StringComparison.Ordinal)).Select(f => Path.GetFileNameWithoutExtension(f.Path));

    public static string DllPath(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");

    public static IAssemblySymbol Load(string name) => Load(
        CSharpCompilation.Create("reader", references: Platform, options: OnlyPublic), name);

    /// <summary>For self-tests: the same view of a snippet, through a compiled image.</summary>
    public static IAssemblySymbol Compile(string code)
    {
        using var image = new MemoryStream();
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        var result = CSharpCompilation.Create("snippet", [CSharpSyntaxTree.ParseText(code)], Platform, options).Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        var reference = MetadataReference.CreateFromImage(image.ToArray());
        return Load(CSharpCompilation.Create("reader", references: [.. Platform, reference], options: OnlyPublic), "snippet");
    }

    public static IEnumerable<INamedTypeSymbol> PublicTypes(IAssemblySymbol assembly) =>
        Types(assembly.GlobalNamespace).Where(IsSeen).OrderBy(t => t.ToDisplayString(), StringComparer.Ordinal);

    /// <summary>Members somebody wrote; what the compiler adds to a record follows from the record.</summary>
    public static IEnumerable<ISymbol> PublicMembers(INamedTypeSymbol type) =>
        type.GetMembers().Where(m => IsSeen(m) && m is not INamedTypeSymbol && !IsGenerated(m) && !IsAccessor(m));

    public static ISet<string> Documented(string name) =>
        XDocument.Load(Path.ChangeExtension(DllPath(name), ".xml")).Descendants("member").Select(m => m.Attribute("name")!.Value).ToHashSet();

    private static CSharpCompilationOptions OnlyPublic => new(OutputKind.DynamicallyLinkedLibrary, metadataImportOptions: MetadataImportOptions.Public);

    private static IAssemblySymbol Load(CSharpCompilation reader, string name) =>
        reader.References.Select(reader.GetAssemblyOrModuleSymbol).OfType<IAssemblySymbol>().Single(a => a.Name == name);

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol within) =>
        within.GetMembers().OfType<INamespaceOrTypeSymbol>().SelectMany(m => m is INamedTypeSymbol type ? Types(type).Prepend(type) : Types(m));

    private static bool IsSeen(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
        && (symbol.ContainingType is null || IsSeen(symbol.ContainingType));

    private static bool IsGenerated(ISymbol member) =>
        member.GetAttributes().Any(a => a.AttributeClass?.Name == "CompilerGeneratedAttribute")
        || (member is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: 0 } && member.ContainingType.IsValueType);

    private static bool IsAccessor(ISymbol member) =>
        member is IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove };
}
