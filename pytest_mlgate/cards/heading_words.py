"""The words, in English, Spanish and Portuguese, by which a heading tells what its section is about."""

from __future__ import annotations

import re

_PHRASES: dict[str, str] = {
    "model_details": r"""
        what|que|o que|(general |basic )?(details|description|overview|summary|information|info|identity
        |identification|facts
        |profile)|about|about (this|the)|at a glance|introduction|abstract|tl ?dr|key facts|what (is (this|it)
        |this is)|(model )?(architecture|type)( and (objective|type))?|descripcion( general| breve)?
        |detalles( tecnicos)?|ficha( tecnica)?|identificacion|informacion( general| basica)?|datos generales|resumen
        |introduccion|acerca|vision general|que es|descricao( geral| breve)?|detalhes( tecnicos)?|identificacao
        |informacoes( gerais| basicas)?|visao geral|resumo|introducao|sobre|o que e
    """,
    "intended_use": r"""
        why|por que|what (we|you) use (it|this) for|what (is|was) (it|this) (made |meant |used |intended )?for
        |who (uses|is meant to use) (it|this)
        |((primary|main|direct|downstream|recommended|suitable|appropriate|expected|allowed|permitted|acceptable
        |planned)|intended|in scope)( and (direct|downstream))? (uses?|usage|applications?|purpose|uses? cases?)
        |downstream uses?|intended (users?|audience|for|uses? and users?|users? and uses?)|uses?|use cases?|in scope
        |purpose|applications?|(goal|objective|aim)s?|target (users|audience)|users|audience|task|problem( statement)?
        |scope|business (problem|context|use|purpose|case|need|goal|objective)|what (it|this|we use it|it is used
        |it is) (is |does )?for|what it does|what (is it|it is) for|what it (can|should|may) be used for|when (to
        |should you) use( it| this)?|how (it|this) (is|should be|can be|may be) used|who (is it for|it is for
        |should use it|uses it)|usos?( previstos?| pretendidos?| recomendados?| esperados?| permitidos?
        | principal(es)?| directos?| admitidos?)*|casos? de uso( previstos?| principal(es)?)?|objetivos?|propositos?
        |finalidad(es)?|para que (sirve|se usa|es)|aplicacion(es)?( previstas?)?|ambito de (uso|aplicacion)|alcance
        |usuarios( previstos)?|destinatarios|tarea|contexto de (uso|negocio)|problema( de negocio)?|cuando (usarlo
        |utilizarlo|usar)|finalidades?|aplicac(ao|oes)|escopo|publico alvo|para que serve|tarefa|quando usar
        |usuarios pretendidos
    """,
    "out_of_scope_use": r"""
        what (is|should) (it|this) not (be used |meant |intended |made )?(for)?
        |where (is|should) (it|this) not (be )?used
        |out of scope( uses?| usage| use cases?| applications?)?( and misuse)?|non intended uses?|unintended uses?
        |(prohibited|forbidden|unacceptable|unsupported|excluded|disallowed|discouraged|inappropriate|unsuitable
        |restricted) (uses?|usage|use cases?|applications?)|(uses? |use cases? )?(that (is|are) )?(not (intended
        |suitable|recommended|supported|designed|meant|allowed|appropriate|for|to be used for)|out of scope)( uses?
        | use cases?)?( for)?|misuses?( and (malicious|out of scope) uses?)?|malicious uses?|when not to use( it
        | this)?|do not use( it| this)?( for| when| if)?|what (it|this) is not( for)?|what (it|this) (should
        |must) not be used for|what it is not for|non goals|(restrictions on|limits? on|restricted) uses?
        |where not to use( it)?|non uses?|not to be used for|will not do|(usos?|casos? de uso
        |aplicaciones) (fuera de(l)? alcance|no (previstos?|recomendados?|permitidos?|adecuados?|pretendidos?
        |autorizados?|contemplad[oa]s?)|prohibidos?|indebidos?|desaconsejados?|excluidos?|inadecuados?)
        |fuera de(l)? alcance|cuando no (usar(lo)?|utilizar(lo)?|se debe usar)|para que no (sirve|se debe usar|usarlo
        |es)|mal uso|usos indebidos|no (usar|utilizar|esta disenado|es adecuado|se debe usar)( para| en| si)?
        |restricciones de uso|exclusiones|(usos?|casos de uso) (fora d[oe] escopo|nao (previstos?|recomendados?
        |pretendidos?|permitidos?|indicados?)|proibidos?|indevidos?|inadequados?)|fora d[oe] escopo|quando nao (usar
        |utilizar)|mau uso|nao (usar|utilizar)( para| em| se)?|restricoes de uso|para que nao serve
    """,
    "training_data": r"""
        data (in|inputs?)|(what|which data|on what) (was|is) (it|this) trained( on)?|how was (it|this) trained
        |(pre ?|re)?(training|train|fine ?tuning|development|input|modell?ing|source|calibration) (data ?sets?|data
        |sets?|corpus|corpora|samples?)|data( sources?| used| description| overview| collection| provenance| card
        | summary| details| sets?| preparation| origin)?|datasets?( details| description| used| sources?)?|corpus
        |training|training details|population|provenance|sources?( of( the)? data)?|data (it|we|used)
        ( was| were)? .{0,30}|(what|where|which) .{0,30}(trained|data|learned).{0,30}|how it was trained|(data
        |datasets?) used (for|in) training|datos( de entrenamiento| utilizados| usados| empleados| de entrada
        | de partida| de origen)*|(conjuntos?|base) de datos( de entrenamiento)?|poblacion|fuentes?( de( los)? datos)?
        |(origen|procedencia) de los datos|entrenamiento|con que se (entreno|ha entrenado)|dados( de treinamento
        | de treino| utilizados| usados| de entrada)*|(conjuntos?|base) de dados( de trein(o|amento))?
        |fontes?( de( os)?| dos)? dados|(origem|procedencia) dos dados|treinamento|treino|populacao
    """,
    "evaluation_data": r"""
        how (we|it is|this is) (check|test|validate|evaluate)(s|ed)?( it| this)?|tests?|testes?|pruebas?|evaluation
        |how (was|were|is) (it|this|we) (evaluated|tested|validated)|evaluacion|avaliacao
        |(evaluation|eval|testing|test|validation|hold ?out|held out|benchmark)( and (validation
        |test(ing)?))? (data ?sets?|data|sets?|splits?|corpus|protocol|procedure|strategy|setup|samples?|methodology
        |design|method)|(data )?splits?|data (split(ting|s)?|partition(ing|s)?)|train(ing)?( |-|/)(validation( |-
        |/))?test split|splits?|cross validation|validation|testing|how (it|this|we) (was |were )?(evaluated|tested
        |validated)( it)?|experimental (setup|design)|testing data,? factors,? and metrics|hold ?out|(datos
        |conjuntos?( de datos)?|muestra|base) (de )?(la )?(evaluacion|tests?|pruebas?|validacion|contraste)|(division
        |particion|reparto|separacion) de( los)? datos|particion(es)?|validacion( cruzada)?|(protocolo|metodologia
        |diseno)( de( la)? (evaluacion|validacion))?|como se (evaluo|ha evaluado|valido)|prueba|(dados
        |conjuntos?( de dados)?|amostra|base) (de )?(a )?(avaliacao|testes?|validacao)|(divisao|particao
        |separacao) (de|dos) dados|validacao( cruzada)?|(protocolo|metodologia)( de (avaliacao|validacao))?
        |como foi avaliado
    """,
    "metrics": r"""
        where (we are|it stands)|how (good|accurate|well) (is|does) (it|this)( perform| work)?|discriminatory power
        |accuracy
        |((model|performance|evaluation|quantitative|test|key|main|headline|overall|offline|validation
        |summary of) )*(performances?|metrics?|results?|scores?|evaluations?|benchmarks?|accuracy|quality
        |measures)( results?| metrics?| scores?| summary| measures)?|quantitative analys[ie]s|how (well|good) .{0,40}
        |evaluation( and)? results?|does it work|numbers|(results?|performance|metrics?|scores?) (by
        |per) (class|label|fold|model|task)|metricas?( de( la)? (rendimiento|evaluacion|desempeno
        |calidad))?|rendimiento|resultados?( de( la)? (evaluacion|validacion))?|desempeno|evaluacion|calidad
        |indicadores|analisis cuantitativos?|que tal funciona|metricas?( de (desempenho|avaliacao))?|desempenho
        |resultados?( da avaliacao)?|avaliacao|analises? quantitativas?
    """,
    "subgroup_metric": r"""
        (relevant |evaluation )?factors|factores|fatores
        |(performances?|results?|metrics?|accuracy|quality|evaluation|breakdowns?
        |scores?|errors?|analysis
        |disaggregated|error rates?|recall|precision|auc|f1)( results?| metrics?)? (by|per|across|for
        |broken down by) (?!class|model|fold|epoch|label|task|dataset|benchmark|split|category|categories
        |metric).{1,40}|((sub ?)?group|slice|segment|disaggregated|intersectional|stratified|demographic|cohort
        |fairness|per group|unitary)s? (level )?(analys[ie]s|results?|performances?|metrics?|evaluations?|breakdowns?
        |parity|slices|assessment)|by (?!class|model|fold|epoch|label|task|dataset|benchmark|split|category
        |metric).{1,30}|subgroups?|slices|disparit(y|ies)|(resultados?|rendimiento|metricas?|desempeno|evaluacion
        |analisis|error(es)?|exactitud|calidad)( desagregad[oa]s?)? por (?!clase|modelo|fold|epoca|etiqueta|tarea
        |particion|categoria|metrica).{1,40}|(analisis|resultados?|metricas?|rendimiento) (de|en
        |desagregad[oa]s?)( los)?( sub)?(grupos?)?|por (grupo|subgrupo|segmento|region|sexo|edad|genero|zona|centro
        |pais).{0,30}|subgrupos?|disparidad(es)?|desagregad[oa]s?|(desempenho|avaliacao|analise
        |erros?)( desagregad[oa]s?)? por (?!classe|modelo|fold|epoca|rotulo|tarefa|particao|categoria|metrica).{1,40}
        |por (regiao|genero|faixa etaria|idade)
    """,
    "limitations": r"""
        (where|when) does (it|this) (fail|struggle|break)( down)?|what (can|could) go wrong
        |((known|current|main|technical|important|some|potential|possible|remaining|open) )*(limitations?|limits
        |caveats?|weakness(es)?|shortcomings?|constraints?|issues|problems|failure modes?|failures?|failure cases?
        |gotchas?|warnings?|cautions?|blind spots?|gaps|drawbacks|pitfalls|edge cases)|caveats and recommendations
        |recommendations|trade ?offs?|(performance )?trade ?offs|where (it|this) (fails|struggles|breaks( down)?
        |does not work|goes wrong|is weak|falls short)|(what|things) (to watch( out)?( for)?|it (cannot|can not
        |does not) do( well)?|to keep in mind|you should know|to be aware of)|when (it|this) (fails|breaks|is wrong)
        |(what|when) not to (expect|trust).{0,20}|what (it|this) gets wrong|limitaciones( conocidas| principales
        | actuales| tecnicas)*|advertencias?|limites|debilidades|puntos debiles|restricciones|problemas( conocidos)?
        |precauciones|(cuando|donde|en que) falla|supuestos|recomendaciones|carencias|a tener en cuenta|casos limite
        |limitacoes( conhecidas| principais| atuais)*|ressalvas|restricoes|fraquezas|pontos fracos|quando falha
        |onde falha|recomendacoes|cuidados
    """,
    "ethical_considerations": r"""
        impactos?|impacto nas pessoas|broader implications|goal and impact|who (could|can|might|may) (be
        |get) (harmed|hurt|affected|disadvantaged)|(fair|equal) (treatment|lending)
        |(customer )?(fairness|treatment) of (customers|people)|people affected|harm to people
        |ethic(s|al)?( considerations?| issues?| concerns?| aspects?| risks?| statement| review| assessment
        | implications)?|fairness( considerations?| assessment)?|bias(es)?( considerations?| analysis)?
        |((potential|possible|social|societal|human) )*
        (risks?|harms?|impacts?)( and harms?| and mitigations?| considerations?
        | to people)?|responsible ai|privacy( considerations?)?|(societal|social|broader|human rights) impacts?
        |human rights|safety|equity|considerations|who (could|can|might) (be|get) (harmed|hurt|affected)
        |affected (groups|people)|data protection|(consideraciones|aspectos|cuestiones|riesgos|implicaciones
        |analisis) (eticas|eticos|etico)|etica|riesgos?( sociales)?|sesgos?|equidad|privacidad|impacto (social
        |en las personas)|danos( potenciales)?|justicia|proteccion de datos|a quien (afecta|puede perjudicar)
        |(consideracoes|aspectos|questoes|riscos|implicacoes) (eticas|eticos)|etica|riscos?|vies(es)?|equidade|justica
        |privacidade|impacto social|danos|protecao de dados
    """,
    "factors": r"(relevant |evaluation )?(factors|groups|instrumentation|environments?)|factores|fatores",
    "training_procedure": r"""
        (training|fitting|learning|fine ?tuning) (procedure|process|regime|hyper ?parameters|setup|configuration
        |method|pipeline|algorithm|strategy|details)|hyper ?parameters|preprocessing|how it was (built|made|trained)
        |training|design choices|feature engineering|procedimiento( de entrenamiento)?|proceso de entrenamiento
        |hiperparametros|preprocesamiento|entrenamiento|procedimento( de treinamento)?|processo de treinamento
        |hiperparametros|pre ?processamento|treinamento
    """,
    "how_to_use": r"""
        how to (get started( with)?|use( it| this)?|run|load|call)( the)?|get(ting)? started( with)?|usage
        |quick ?start|examples?|example usage|inference|instructions for use|code example|how do i use it|installation
        |setup|sample code|como (usar(lo)?|utilizar(lo)?|empezar|se usa)|ejemplos?( de uso)?|instrucciones( de uso)?
        |primeros pasos|instalacion|como (usar|utilizar|comecar)|exemplos?( de uso)?|instrucoes( de uso)?|instalacao
    """,
    "environmental_impact": r"""
        (environmental|carbon|ecological|climate) (impact|footprint|considerations|cost|emissions)|co2( emissions)?
        |energy use|carbon emissions|sustainability|(impacto|coste|huella) (ambiental|medioambiental|de carbono
        |ecologico|ecologica)|sostenibilidad|impacto ambiental|pegada de carbono|sustentabilidade
    """,
    "technical_specifications": r"""
        (technical )?specifications?|specs|compute infrastructure|hardware( and software)?|software|infrastructure
        |inputs?( andoutputs?)?|outputs?|requirements|dependencies|system requirements|features|input features
        |variables|architecture|especificaciones( tecnicas)?|infraestructura|entradas?( y salidas?)?|salidas?
        |requisitos|caracteristicas|dependencias|especificacoes( tecnicas)?|infraestrutura|entradas?( e saidas?)?
        |saidas?|atributos
    """,
    "citation": r"""
        (how to )?cit(ation|e)( this)?|references?|bibtex|papers?|apa|bibliography|citas?|como citar|referencias
        |bibliografia|citac(ao|oes)|bibliografia
    """,
    "license": r"licen[sc]e?s?|licen[sc]ing|licencias?|licencas?|terms of use",
    "owner": r"""
        owners?|maintainers?|contacts?|contact (information|details|person|us)|authors?|model card (authors?|contact)
        |(developed|maintained|owned|created|built) by|developers?|team|responsible( person| team)?|ownership|support
        |who to ask|point of contact|accountab(le|ility)|questions|provider|responsables?( del modelo)?|contactos?
        |autor(a|es|as)?|mantenedor(a|es)?|propietari[oa]s?|dueno|equipo( responsable)?|desarrollado por
        |persona de contacto|proveedor|responsave(l|is)|contatos?|autor(a|es|as)?|mantenedor(a|es)?|proprietari[oa]s?
        |equipe|desenvolvido por
    """,
    "lineage": r"""
        lineage|provenance( and lineage)?|reproducib(ility|le)|traceability|code( version| commit| and data)?
        |source( code)?|repository|commit|artifacts?|how to reproduce|linaje|trazabilidad|reproducibilidad
        |codigo( fuente)?|repositorio|linhagem|rastreabilidade|reprodutibilidade
    """,
    "monitoring": r"""
        monitoring( plan)?|observability|(in )?production monitoring|post market monitoring( system| plan)?|alerts?
        |drift( monitoring)?|monitorizacion|monitoreo|seguimiento( en produccion)?|supervision|vigilancia
        |plan de seguimiento|monitoramento|acompanhamento|plano de monitoramento
    """,
    "rollback": r"""
        roll ?back( plan| target| procedure| steps)?|fall ?back|way back|reversion|vuelta atras|plan de rollback
        |plan de (reversion|contingencia|marcha atras)|marcha atras|reversao|plano de (rollback|reversao|contingencia)
    """,
    "retraining": r"""
        re ?training( trigger| plan| policy| schedule| cadence)?|refresh|update (policy|cadence|schedule)|maintenance
        |re ?entrenamiento|actualizacion|mantenimiento|criterios de reentrenamiento|re ?treinamento|manutencao
    """,
    "retirement": r"""
        retirement( condition| plan| criteria)?|decommission(ing)?|end of life|sunset(ting)?|deprecation
        |retirad[oa]( del modelo)?|baja|fin de vida|(condicion|criterios?) de retirada|aposentadoria|desativacao
        |descontinuacao
    """,
    "human_oversight": r"""
        human (oversight|in the loop|review|supervision)|oversight|supervision humana|revision humana
        |supervisao humana|revisao humana
    """,
    "risk_management": r"""
        risk (management|assessment|analysis|register)( system)?|(sistema de )?gestion de(l)? riesgos?|(evaluacion
        |analisis) de riesgos|(sistema de )?gestao de riscos?|avaliacao de riscos
    """,
    "changes": r"""
        change ?log|changes|version history|history|versions|release notes|revision history|updates|lifecycle changes
        |(historial|registro|control) de (cambios|versiones)|cambios|versiones|historico de (versoes|alteracoes)
        |alteracoes
    """,
    "standards": r"""
        (harmoni[sz]ed |applied |applicable )*standards|compliance|normas( armonizadas| aplicadas)*|estandares
        |cumplimiento( normativo)?|normas( harmonizadas| aplicadas)*|conformidade normativa
    """,
    "conformity": r"""
        (eu )?(declaration|assessment) of conformity|conformity( assessment| declaration)?
        |declaracion( ue)? de conformidad|declaracao( ue)? de conformidade
    """,
    "cybersecurity": r"(cyber ?)?security( measures)?|adversarial robustness|robustness and security"
    r"|(ciber ?)?seguridad|seguranca( da informacao| cibernetica)?",
    "metric_choice": r"(choice|appropriateness|selection) of( performance)? metrics|why (these|this) metrics?"
    r"|(eleccion|idoneidad|justificacion) de( las)? metricas|escolha das metricas",
}
LABELS = {
    "for": "intended_use",
    "para": "intended_use",
    "use": "intended_use",
    "not for": "out_of_scope_use",
    "no para": "out_of_scope_use",
    "people": "ethical_considerations",
    "personas": "ethical_considerations",
    "pessoas": "ethical_considerations",
    "blind to": "limitations",
    "fitted to": "training_data",
    "fitted on": "training_data",
    "trained on": "training_data",
    "entrenado con": "training_data",
    "treinado com": "training_data",
    "tested on": "evaluation_data",
    "evaluated on": "evaluation_data",
    "checked on": "evaluation_data",
    "evaluado con": "evaluation_data",
    "probado con": "evaluation_data",
    "testado com": "evaluation_data",
}
"""What is about a section as a label, and too little for a heading."""
PATTERNS = {name: re.compile(re.sub(r"\n *", "", phrases)) for name, phrases in _PHRASES.items()}

# What says it wherever it stands in a heading; asked only where no whole pattern fits.
WITHIN = tuple(
    (name, re.compile(rf"\b(?:{phrases})\b"))
    for name, phrases in (
        (
            "out_of_scope_use",
            r"out of scope|misuse|not (?:to )?(?:be )?used|not intended|not (?:suitable|designed|meant) for"
            r"|do not use"
            r"|fuera de(?:l)? alcance|no (?:previsto|permitido|recomendado|usar)s?"
            r"|fora d[oe] escopo|nao (?:usar|utilizar|previsto)s?|discontinue use",
        ),
        (
            "subgroup_metric",
            r"by (?:sub ?)?groups?|(?:per|across) (?:sub ?)?groups?|por (?:sub)?grupos?|subgroups?|subgrupos?",
        ),
        (
            "training_data",
            r"training (?:data|data ?set|set|corpus)|trained on|(?:datos|conjunto) de entrenamiento"
            r"|dados de trein\w+",
        ),
        (
            "evaluation_data",
            r"(?:evaluation|validation|test|testing|hold ?out) (?:data|data ?set|set|sample|split)"
            r"|(?:datos|conjunto) de (?:evaluacion|prueba|test|validacion)|dados de (?:avaliacao|teste|validacao)",
        ),
        (
            "limitations",
            r"limitations?|limitaciones|limitacoes|known issues|caveats?|advertencias|ressalvas"
            r"|inappropriate settings",
        ),
        ("ethical_considerations", r"ethic\w*|etic[oa]s?|fairness|bias(?:es)?|sesgos?|vieses|privacy|privacidade?"),
        (
            "intended_use",
            r"intended (?:use|user|purpose)s?|use cases?|target use|usos? previstos?|casos? de uso"
            r"|usos? pretendidos?",
        ),
        ("metrics", r"performance|metrics?|results?|metricas?|resultados?|rendimiento|desempenho"),
    )
)

# In a heading of one's own words a single word tells what stands below: the first cue that fits counts. The rules ask
# for evidence all the same.
CUES = tuple(
    (name, re.compile(rf"\b(?:{phrases})\b"))
    for name, phrases in (
        (
            "out_of_scope_use",
            r"no business|please (?:do not|don t)|(?:must|may|should|can|do|does|shall|is"
            r"|are) ?not .{0,20}(?:use\w*|do|for|done)"
            r"|off limits|never .{0,10}(?:use\w*|do|for)|forbidden|prohibited|no (?:se )?(?:debe|puede|hacer|vale"
            r"|sirve)\w*"
            r"|nao (?:se )?(?:deve|pode|fazer|serve)\w*|prohibid\w+|proibid\w+",
        ),
        (
            "ethical_considerations",
            r"who (?:pays|suffers|bears|loses|gets hurt|else|is (?:hurt|affected|harmed))|worr(?:y|ies)"
            r"|affect(?:s|ed)?|harm(?:s|ed)?|hurts?"
            r"|people|afecta\w*|perjudica\w*|personas|pessoas|afeta\w*|prejudica\w*|a quien(?:es)?|a quem"
            r"|responsib\w+|rights",
        ),
        (
            "limitations",
            r"weak(?:ness)?|breaks?(?: (?:on|down))?|fails?|failing|wrong|struggles?|mind|beware|careful"
            r"|watch out|blind|trouble"
            r"|does not (?:know|see|do|handle|cover)|cannot|flaque\w+|falla\w*|cuidados?|atencion|ojo|debil\w*"
            r"|dificult\w+|falha\w*"
            r"|atencao|erra|yerra|se equivoca|surprises|trust",
        ),
        (
            "evaluation_data",
            r"(?:tried|tested|checked|validated|evaluated|verified|proved)|held back|held out|for testing"
            r"|comprob\w+|se prob\w+|evalua\w+"
            r"|valida\w+|avalia\w+|testad\w+|verific\w+|exam",
        ),
        (
            "training_data",
            r"learn(?:s|ed|t|ing)?(?: from)?|seen|(?:it|was) fed|fed|trained|training|for training|raw material"
            r"|aprend\w+|entren\w+"
            r"|trein\w+|data|datos|dados|comes from|ingredients of",
        ),
        (
            "metrics",
            r"how (?:it|well|good|did)|outcomes?|scores?|numbers|agreement|accura\w+|how right|aciert\w+"
            r"|acerta\w*|que tan bien"
            r"|in figures|en cifras|em numeros|track record",
        ),
        (
            "intended_use",
            r"where (?:we|you|it).{0,12} use\w*|what (?:it|you|this|we).{0,12} do(?:es)?(?: with)?|may do"
            r"|used? (?:it )?(?:for|by|in)|que hace"
            r"|para que|o que faz|como se usa|who uses|quien(?:es)? lo usan?|job|mission|mision",
        ),
    )
)
