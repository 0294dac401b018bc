{{/* The release's name, which is `tributary` for `helm install tributary`. */}}
{{- define "tributary.name" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tributary.serviceAccount" -}}
{{- default (include "tributary.name" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The name of the app is always tributary: it becomes the label `job` of all metrics. */}}
{{- define "tributary.selector" -}}
app.kubernetes.io/name: tributary
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tributary.labels" -}}
{{ include "tributary.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}
