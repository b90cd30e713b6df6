//! The resource types of FHIR R4 (4.0.1), and what each holds.

use crate::slice::Class;

/// A resource type.
#[derive(Debug)]
pub(crate) struct Type {
    /// Its name.
    pub(crate) name: &'static str,
    /// Where it is filed, unless what it says is more telling ([`crate::slice`]).
    pub(crate) class: Class,
    /// Whom it is about.
    pub(crate) role: Role,
}

/// Whom a resource is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is a person's own entry: `Patient`.
    Person,
    /// It is part of a person's record.
    Record,
    /// It describes who works where, what there is, what is planned for all: nobody's record.
    Directory,
}

/// The type of that name.
pub(crate) fn of(name: &str) -> Option<&'static Type> {
    let at = TYPES.binary_search_by(|t| t.name.cmp(name)).ok()?;
    TYPES.get(at)
}

/// R4 has a resource type of that name.
pub(crate) fn is(name: &str) -> bool {
    of(name).is_some()
}

const fn t(name: &'static str, class: Class, role: Role) -> Type {
    Type { name, class, role }
}

/// By name.
const TYPES: &[Type] = &[
    t("Account", Class::Documents, Role::Record),
    t("ActivityDefinition", Class::Documents, Role::Directory),
    t("AdverseEvent", Class::Problems, Role::Record),
    t("AllergyIntolerance", Class::Allergies, Role::Record),
    t("Appointment", Class::Procedures, Role::Record),
    t("AppointmentResponse", Class::Procedures, Role::Record),
    t("AuditEvent", Class::Documents, Role::Record),
    t("Basic", Class::Documents, Role::Record),
    t("Binary", Class::Documents, Role::Record),
    t(
        "BiologicallyDerivedProduct",
        Class::Procedures,
        Role::Record,
    ),
    t("BodyStructure", Class::Procedures, Role::Record),
    t("Bundle", Class::Documents, Role::Record),
    t("CapabilityStatement", Class::Documents, Role::Directory),
    t("CarePlan", Class::Procedures, Role::Record),
    t("CareTeam", Class::Problems, Role::Record),
    t("CatalogEntry", Class::Documents, Role::Directory),
    t("ChargeItem", Class::Documents, Role::Record),
    t("ChargeItemDefinition", Class::Documents, Role::Directory),
    t("Claim", Class::Documents, Role::Record),
    t("ClaimResponse", Class::Documents, Role::Record),
    t("ClinicalImpression", Class::Problems, Role::Record),
    t("CodeSystem", Class::Documents, Role::Directory),
    t("Communication", Class::Documents, Role::Record),
    t("CommunicationRequest", Class::Documents, Role::Record),
    t("CompartmentDefinition", Class::Documents, Role::Directory),
    t("Composition", Class::Documents, Role::Record),
    t("ConceptMap", Class::Documents, Role::Directory),
    t("Condition", Class::Problems, Role::Record),
    t("Consent", Class::Documents, Role::Record),
    t("Contract", Class::Documents, Role::Record),
    t("Coverage", Class::Documents, Role::Record),
    t("CoverageEligibilityRequest", Class::Documents, Role::Record),
    t(
        "CoverageEligibilityResponse",
        Class::Documents,
        Role::Record,
    ),
    t("DetectedIssue", Class::Problems, Role::Record),
    t("Device", Class::Device, Role::Record),
    t("DeviceDefinition", Class::Device, Role::Directory),
    t("DeviceMetric", Class::Device, Role::Record),
    t("DeviceRequest", Class::Device, Role::Record),
    t("DeviceUseStatement", Class::Device, Role::Record),
    t("DiagnosticReport", Class::Labs, Role::Record),
    t("DocumentManifest", Class::Documents, Role::Record),
    t("DocumentReference", Class::Documents, Role::Record),
    t("EffectEvidenceSynthesis", Class::Documents, Role::Directory),
    t("Encounter", Class::Procedures, Role::Record),
    t("Endpoint", Class::Demographics, Role::Directory),
    t("EnrollmentRequest", Class::Documents, Role::Record),
    t("EnrollmentResponse", Class::Documents, Role::Record),
    t("EpisodeOfCare", Class::Problems, Role::Record),
    t("EventDefinition", Class::Documents, Role::Directory),
    t("Evidence", Class::Documents, Role::Directory),
    t("EvidenceVariable", Class::Documents, Role::Directory),
    t("ExampleScenario", Class::Documents, Role::Directory),
    t("ExplanationOfBenefit", Class::Documents, Role::Record),
    t("FamilyMemberHistory", Class::Problems, Role::Record),
    t("Flag", Class::Problems, Role::Record),
    t("Goal", Class::Problems, Role::Record),
    t("GraphDefinition", Class::Documents, Role::Directory),
    t("Group", Class::Demographics, Role::Directory),
    t("GuidanceResponse", Class::Documents, Role::Record),
    t("HealthcareService", Class::Demographics, Role::Directory),
    t("ImagingStudy", Class::Procedures, Role::Record),
    t("Immunization", Class::Immunizations, Role::Record),
    t("ImmunizationEvaluation", Class::Immunizations, Role::Record),
    t(
        "ImmunizationRecommendation",
        Class::Immunizations,
        Role::Record,
    ),
    t("ImplementationGuide", Class::Documents, Role::Directory),
    t("InsurancePlan", Class::Documents, Role::Directory),
    t("Invoice", Class::Documents, Role::Record),
    t("Library", Class::Documents, Role::Directory),
    t("Linkage", Class::Documents, Role::Record),
    t("List", Class::Documents, Role::Record),
    t("Location", Class::Demographics, Role::Directory),
    t("Measure", Class::Documents, Role::Directory),
    t("MeasureReport", Class::Documents, Role::Record),
    t("Media", Class::Documents, Role::Record),
    t("Medication", Class::Meds, Role::Record),
    t("MedicationAdministration", Class::Meds, Role::Record),
    t("MedicationDispense", Class::Meds, Role::Record),
    t("MedicationKnowledge", Class::Meds, Role::Directory),
    t("MedicationRequest", Class::Meds, Role::Record),
    t("MedicationStatement", Class::Meds, Role::Record),
    t("MedicinalProduct", Class::Meds, Role::Directory),
    t(
        "MedicinalProductAuthorization",
        Class::Meds,
        Role::Directory,
    ),
    t(
        "MedicinalProductContraindication",
        Class::Meds,
        Role::Directory,
    ),
    t("MedicinalProductIndication", Class::Meds, Role::Directory),
    t("MedicinalProductIngredient", Class::Meds, Role::Directory),
    t("MedicinalProductInteraction", Class::Meds, Role::Directory),
    t("MedicinalProductManufactured", Class::Meds, Role::Directory),
    t("MedicinalProductPackaged", Class::Meds, Role::Directory),
    t(
        "MedicinalProductPharmaceutical",
        Class::Meds,
        Role::Directory,
    ),
    t(
        "MedicinalProductUndesirableEffect",
        Class::Meds,
        Role::Directory,
    ),
    t("MessageDefinition", Class::Documents, Role::Directory),
    t("MessageHeader", Class::Documents, Role::Record),
    t("MolecularSequence", Class::Genomic, Role::Record),
    t("NamingSystem", Class::Documents, Role::Directory),
    t("NutritionOrder", Class::Procedures, Role::Record),
    t("Observation", Class::Labs, Role::Record),
    t("ObservationDefinition", Class::Documents, Role::Directory),
    t("OperationDefinition", Class::Documents, Role::Directory),
    t("OperationOutcome", Class::Documents, Role::Record),
    t("Organization", Class::Demographics, Role::Directory),
    t(
        "OrganizationAffiliation",
        Class::Demographics,
        Role::Directory,
    ),
    t("Parameters", Class::Documents, Role::Record),
    t("Patient", Class::Demographics, Role::Person),
    t("PaymentNotice", Class::Documents, Role::Record),
    t("PaymentReconciliation", Class::Documents, Role::Record),
    t("Person", Class::Demographics, Role::Record),
    t("PlanDefinition", Class::Documents, Role::Directory),
    t("Practitioner", Class::Demographics, Role::Directory),
    t("PractitionerRole", Class::Demographics, Role::Directory),
    t("Procedure", Class::Procedures, Role::Record),
    t("Provenance", Class::Documents, Role::Record),
    t("Questionnaire", Class::Documents, Role::Directory),
    t("QuestionnaireResponse", Class::Documents, Role::Record),
    t("RelatedPerson", Class::Demographics, Role::Record),
    t("RequestGroup", Class::Procedures, Role::Record),
    t("ResearchDefinition", Class::Documents, Role::Directory),
    t(
        "ResearchElementDefinition",
        Class::Documents,
        Role::Directory,
    ),
    t("ResearchStudy", Class::Documents, Role::Directory),
    t("ResearchSubject", Class::Documents, Role::Record),
    t("RiskAssessment", Class::Problems, Role::Record),
    t("RiskEvidenceSynthesis", Class::Documents, Role::Directory),
    t("Schedule", Class::Documents, Role::Directory),
    t("SearchParameter", Class::Documents, Role::Directory),
    t("ServiceRequest", Class::Procedures, Role::Record),
    t("Slot", Class::Documents, Role::Directory),
    t("Specimen", Class::Labs, Role::Record),
    t("SpecimenDefinition", Class::Documents, Role::Directory),
    t("StructureDefinition", Class::Documents, Role::Directory),
    t("StructureMap", Class::Documents, Role::Directory),
    t("Subscription", Class::Documents, Role::Directory),
    t("Substance", Class::Meds, Role::Directory),
    t("SubstanceNucleicAcid", Class::Meds, Role::Directory),
    t("SubstancePolymer", Class::Meds, Role::Directory),
    t("SubstanceProtein", Class::Meds, Role::Directory),
    t(
        "SubstanceReferenceInformation",
        Class::Meds,
        Role::Directory,
    ),
    t("SubstanceSourceMaterial", Class::Meds, Role::Directory),
    t("SubstanceSpecification", Class::Meds, Role::Directory),
    t("SupplyDelivery", Class::Procedures, Role::Record),
    t("SupplyRequest", Class::Procedures, Role::Record),
    t("Task", Class::Documents, Role::Record),
    t("TerminologyCapabilities", Class::Documents, Role::Directory),
    t("TestReport", Class::Documents, Role::Directory),
    t("TestScript", Class::Documents, Role::Directory),
    t("ValueSet", Class::Documents, Role::Directory),
    t("VerificationResult", Class::Documents, Role::Record),
    t("VisionPrescription", Class::Procedures, Role::Record),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_whole() {
        assert!(TYPES.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert_eq!(TYPES.len(), 146, "the resource types of R4");
        assert!(of("Patient").is_some_and(|t| t.role == Role::Person));
        assert!(of("MedicationOrder").is_none());
    }
}
