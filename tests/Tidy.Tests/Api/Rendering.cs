using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Tidy.Tests.Api;

/// <summary>The public surface of an assembly as text that a reviewer reads: types in order, under each its bases and members.</summary>
internal static class Rendering
{
    private static readonly SymbolDisplayFormat TypeName = SymbolDisplayFormat.FullyQualifiedFormat
        .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)
        .WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeVariance
            | SymbolDisplayGenericsOptions.IncludeTypeConstraints)
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat Member = new SymbolDisplayFormat(
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeModifiers | SymbolDisplayMemberOptions.IncludeAccessibility
            | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeConstantValue
            | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeExplicitInterface,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeParamsRefOut | SymbolDisplayParameterOptions.IncludeExtensionThis,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    public static string Render(IAssemblySymbol assembly)
    {
        var text = new StringBuilder();
        foreach (var type in ShippedAssembly.PublicTypes(assembly))
        {
            text.Append(Header(type)).Append('\n');
            if (type.TypeKind != TypeKind.Delegate)
            {
                // An enum reads by value, everything else by text.
                var members = ShippedAssembly.PublicMembers(type).OrderBy(m => m is IFieldSymbol { ConstantValue: { } value } && type.TypeKind == TypeKind.Enum
                    ? Convert.ToDecimal(value, CultureInfo.InvariantCulture) : 0).ThenBy(m => m.ToDisplayString(Member), StringComparer.Ordinal);
                foreach (var line in members.Select(m => m.ToDisplayString(Member)))
                {
                    text.Append("    ").Append(line).Append('\n');
                }
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string Header(INamedTypeSymbol type)
    {
        var words = new List<string> { type.DeclaredAccessibility == Accessibility.Public ? "public" : "protected" };
        if (type.TypeKind == TypeKind.Class)
        {
            words.AddRange(type switch { { IsStatic: true } => ["static"], { IsAbstract: true } => ["abstract"], { IsSealed: true } => ["sealed"], _ => Array.Empty<string>() });
        }

        words.AddRange((type.TypeKind, type.IsRecord, type.IsReadOnly) switch
        {
            (TypeKind.Class, var record, _) => [record ? "record" : "class"],
            (TypeKind.Struct, _, var frozen) => frozen ? ["readonly", "struct"] : ["struct"],
            (var kind, _, _) => [kind.ToString().ToLowerInvariant()],
        });
        words.Add(type.TypeKind == TypeKind.Delegate ? type.DelegateInvokeMethod!.ToDisplayString(Member) + " " + type.ToDisplayString(TypeName) : type.ToDisplayString(TypeName));
        var bases = Bases(type).ToArray();
        return string.Join(' ', words) + (bases.Length == 0 ? "" : " : " + string.Join(", ", bases));
    }

    private static IEnumerable<string> Bases(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Enum)
        {
            return type.EnumUnderlyingType!.SpecialType == SpecialType.System_Int32 ? [] : [type.EnumUnderlyingType.ToDisplayString()];
        }

        var parent = type.BaseType is { SpecialType: SpecialType.None } b && type.TypeKind == TypeKind.Class ? [b.ToDisplayString(TypeName)] : Array.Empty<string>();
        return type.TypeKind == TypeKind.Delegate ? [] : parent.Concat(type.Interfaces.Select(i => i.ToDisplayString(TypeName)).Order(StringComparer.Ordinal));
    }
}
