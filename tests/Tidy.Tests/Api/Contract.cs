using Microsoft.CodeAnalysis;

namespace Tidy.Tests.Api;

/// <summary>Rules for what users call: no boolean that selects a mode, and words for everything.</summary>
internal static class Contract
{
    /// <summary>Exempt are out parameters and members whose shape somebody else decided: overrides and implementations of foreign interfaces.</summary>
    public static IEnumerable<string> BooleanParameters(IAssemblySymbol assembly) =>
        from type in ShippedAssembly.PublicTypes(assembly)
        from method in type.DelegateInvokeMethod is { } invoke ? [invoke] : ShippedAssembly.PublicMembers(type).OfType<IMethodSymbol>()
        where !method.IsOverride && !IsForeign(method, assembly)
        from parameter in method.Parameters
        where parameter.RefKind != RefKind.Out && IsBoolean(parameter.Type)
        select $"{method.ToDisplayString()}: '{parameter.Name}' is a boolean; a caller cannot read what 'true' means. Use an enum, options or two methods.";

    public static IEnumerable<string> Undocumented(IAssemblySymbol assembly, ISet<string> documented) =>
        from type in ShippedAssembly.PublicTypes(assembly)
        where !documented.Contains(type.GetDocumentationCommentId()!)
        select $"{type.ToDisplayString()} is public and has no documentation.";

    private static bool IsBoolean(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_Boolean
        || (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } maybe && IsBoolean(maybe.TypeArguments[0]));

    private static bool IsForeign(IMethodSymbol method, IAssemblySymbol assembly) =>
        method.ContainingType.AllInterfaces
            .Where(i => !SymbolEqualityComparer.Default.Equals(i.ContainingAssembly, assembly))
            .SelectMany(i => i.GetMembers())
            .Any(m => SymbolEqualityComparer.Default.Equals(method.ContainingType.FindImplementationForInterfaceMember(m), method));
}
